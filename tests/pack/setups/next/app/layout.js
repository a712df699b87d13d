import { Provider } from './provider.js';

export default function Layout({ children }) {
  return <html lang="en"><head><link rel="icon" href="data:," /></head><body><Provider>{children}</Provider></body></html>;
}
