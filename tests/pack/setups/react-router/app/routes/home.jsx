import { User } from '../user.jsx';

// Rendered once, while the application is built.
export const loader = () => ({ made: performance.now() });

export default function Home({ loaderData }) {
  return <main><h1 id="made">{`Made at ${loaderData.made}`}</h1><User /></main>;
}
