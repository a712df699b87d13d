import { Link, Outlet, useLocation } from 'react-router';
import { Bar } from './parts.js';

export { Edit, Home, Notes } from './parts.js';

export function Layout() {
  const { pathname, search, hash } = useLocation();
  return (
    <main>
      <Bar />
      <nav><Link to="/">To home</Link> <Link to="/notes">To notes</Link> <Link to="/notes/edit">To edit</Link></nav>
      <p data-testid="where">{pathname + search + hash}</p>
      <Outlet />
    </main>
  );
}
