// Rendered for each request.
export const load = ({ params }) => ({ id: params.id, made: performance.now() });
