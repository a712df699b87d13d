import { User } from './user.js';

// Rendered once, while the application is built.
export default function Page() {
  return <main><h1 id="made">Made at {performance.now()}</h1><User /></main>;
}
