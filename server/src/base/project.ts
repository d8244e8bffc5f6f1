/** Where the project lives: every address that a package, a page or a report names is made from this one. */
export const repositoryUrl = "https://github.com/nginx-selinux/nginx-selinux";
