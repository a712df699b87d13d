export const load = () => ({ scope: 'write:notes' as const });
