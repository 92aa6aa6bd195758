/** What the site's pages do once they are there; each of them can be read without it. */

const root = document.documentElement;
const button = document.querySelector<HTMLButtonElement>('button.theme');

function isDark(): boolean {
  const chosen = root.dataset['theme'];
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

if (button) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    root.dataset['theme'] = theme;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // Storage is switched off: the choice lasts for this page.
    }
  });
}

/** Examples are written for a machine at its usual address; this page is served by yours. */
const USUAL_ADDRESS = 'http://localhost:3000';

for (const code of document.querySelectorAll('.prose code')) {
  code.textContent = code.textContent.replaceAll(USUAL_ADDRESS, location.origin);
}

for (const block of document.querySelectorAll<HTMLPreElement>('.prose pre')) {
  const copy = document.createElement('button');
  copy.type = 'button';
  copy.className = 'copy';
  copy.textContent = 'Copy';
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code')?.textContent ?? '');
    copy.textContent = 'Copied';
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 2_000);
  });
  block.prepend(copy);
}
