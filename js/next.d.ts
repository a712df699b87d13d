/** True where what is not finished is built in: in the package for tests, not in the one that is shipped. */
declare const NEXT: boolean;
