/** Commands of the palette. The ones that code actions name are the server's, in protocol.ts. */
export const checkCommand = "nginxSelinux.check";
export const choosePolicyCommand = "nginxSelinux.choosePolicy";
export const showDetailsCommand = "nginxSelinux.showDetails";
export const refreshCommand = "nginxSelinux.refresh";
export const writeSnapshotCommand = "nginxSelinux.writeSnapshot";
export const restartCommand = "nginxSelinux.restart";
export const showLogCommand = "nginxSelinux.showLog";
export const installCommandLineCommand = "nginxSelinux.installCommandLine";
/** Of the status bar item. */
export const menuCommand = "nginxSelinux.menu";
