import type { DescribedScope } from '../types.js';

/** What the dialog says, in the application's language. */
export interface DialogTexts {
  /** Its heading. Default "This needs your permission". */
  heading: string;
  /** The button that goes on to the server. Default "Continue". */
  continue: string;
  /** The button that does not. Default "Not now". */
  notNow: string;
}

/** For the class `scopewise-dialog` and its `[data-part]`: heading, scopes, title, why, continue, not-now. In a layer, so that any rule of the page's own wins. Colours are those of the page's `color-scheme`. */
const STYLE = '@layer scopewise{.scopewise-dialog{box-sizing:border-box;max-width:min(26rem,100% - 2rem);padding:1.5rem;overflow-wrap:anywhere;border:1px solid #8888;border-radius:.75rem;dt{font-weight:600}dd{margin:0 0 .75rem}button{padding:.5rem 1rem;margin:.5rem 0 0;margin-inline-end:.75rem;font:inherit}&::backdrop{background:#0008}}}';

let sheet: CSSStyleSheet | undefined;
let count = 0;

function part<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, ...content: (string | Node)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.dataset['part'] = name;
  element.id = `scopewise-${name}-${count}`;
  element.append(...content);
  return element;
}

/** Shows the dialog. Resolves to what comes of "Continue", which `proceed` is called in the click on, or to undefined. */
export function showDialog(scopes: readonly DescribedScope[], proceed: () => Promise<boolean>, texts: Partial<DialogTexts> = {}, signal?: AbortSignal): Promise<boolean | undefined> {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets.push(sheet);
  }
  count += 1;
  const { heading: headline = 'This needs your permission', continue: yes = 'Continue', notNow = 'Not now' } = texts;
  const heading = part('h2', 'heading', headline);
  const list = part('dl', 'scopes');
  for (const { title, why } of scopes) list.append(part('dt', 'title', title), ...(why ? [part('dd', 'why', why)] : []));
  const go = part('button', 'continue', yes);
  const leave = part('button', 'not-now', notNow);
  const dialog = part('dialog', 'dialog', heading, list, go, leave);
  dialog.className = 'scopewise-dialog';
  dialog.setAttribute('aria-labelledby', heading.id);
  dialog.setAttribute('aria-describedby', list.id);
  return new Promise((resolve) => {
    let answer: Promise<boolean> | undefined;
    const close = () => dialog.close();
    go.onclick = () => {
      answer = proceed();
      close();
    };
    leave.onclick = close;
    signal?.addEventListener('abort', close);
    dialog.onclose = () => {
      signal?.removeEventListener('abort', close);
      dialog.remove();
      resolve(answer);
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
