// src/routes/notes/edit/+page.ts
export const load = () => ({ scope: 'write:notes' as const });
