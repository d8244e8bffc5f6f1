/** Lines that tell the suite's own output from what the window logs around it. */
export const suiteBegins = "# editor suite begins";
export const suiteEnds = "# editor suite ends";
