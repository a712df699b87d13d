export const invoke = (callback, first, second) => void callback(first, second);
