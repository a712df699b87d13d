export const now = () => Date.now() / 1000;
