// A script that is started, not imported.
export {};
