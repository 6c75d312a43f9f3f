/** The library's version, as package.json has it: a test compares the two. A browser has no package.json to read. */
export const VERSION = "0.1.0";
