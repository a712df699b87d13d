import { User } from '../user.jsx';

// Rendered for each request.
export const loader = ({ params }) => ({ id: params.id, made: performance.now() });

export default function Visit({ loaderData }) {
  return <main><h1 id="made">{`Visit ${loaderData.id} at ${loaderData.made}`}</h1><User /></main>;
}
