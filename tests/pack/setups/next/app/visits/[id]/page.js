import { User } from '../../user.js';

// Rendered for each request.
export const dynamic = 'force-dynamic';

export default async function Page({ params }) {
  const { id } = await params;
  return <main><h1 id="made">Visit {id} at {performance.now()}</h1><User /></main>;
}
