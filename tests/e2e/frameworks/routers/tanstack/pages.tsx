import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Bar } from '../react/parts.js';

export { Edit, Home, Notes } from '../react/parts.js';

export function Layout() {
  const { href } = useLocation();
  return (
    <main>
      <Bar />
      <nav><Link to="/">To home</Link> <Link to="/notes">To notes</Link> <Link to="/notes/edit">To edit</Link></nav>
      <p data-testid="where">{href}</p>
      <Outlet />
    </main>
  );
}
