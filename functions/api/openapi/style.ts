/** The page's style: readable on a telephone, in light and in dark, with nothing loaded. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c1e21, #e6e7ea);
  --quiet: light-dark(#5a6068, #a2a8b2);
  --paper: light-dark(#ffffff, #14161a);
  --raised: light-dark(#f4f5f7, #1d2026);
  --line: light-dark(#dfe2e6, #31353d);
  --link: light-dark(#0b57c4, #86b4ff);
  --fine: light-dark(#14713c, #6fd39a);
  --error: light-dark(#b3261e, #ff9c93);
  --change: light-dark(#8a4b00, #f0b46a);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; padding: 0 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word;
}
header, .columns { max-width: 72rem; margin: 0 auto; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.75rem 0 0; }
h2 { font-size: 1.3rem; margin: 3rem 0 0.25rem; }
h3 { font-size: 1.1rem; margin: 0; }
h4 { font-size: 0.9rem; margin: 1.25rem 0 0.25rem; }
p { margin: 0.5rem 0; max-width: 44rem; }
a { color: var(--link); }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem; }
.quiet, .type { color: var(--quiet); font-size: 0.875rem; }
code { font: 0.875em/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre {
  margin: 0.5rem 0; padding: 0.75rem; overflow-x: auto; background: var(--raised);
  border: 1px solid var(--line); border-radius: 6px;
}
article { padding: 1.5rem 0; border-bottom: 1px solid var(--line); }
.route { margin: 0.25rem 0 0.5rem; }
.verb {
  display: inline-block; min-width: 3.6em; margin-right: 0.4em; font: 700 0.75rem/1.5 ui-monospace, Menlo, monospace;
  text-transform: uppercase; color: var(--change);
}
.verb.get { color: var(--link); }
.verb.post { color: var(--fine); }
.verb.delete { color: var(--error); }
.status { font: 700 0.875rem/1.5 ui-monospace, Menlo, monospace; }
.status.fine { color: var(--fine); }
.status.error { color: var(--error); }
summary { cursor: pointer; padding: 0.3rem 0; }
dl { margin: 0.25rem 0; }
dt { margin-top: 0.6rem; }
dd { margin: 0 0 0 1rem; font-size: 0.9375rem; }
dd dl { border-left: 2px solid var(--line); padding-left: 0.75rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: 0.3rem 0; text-decoration: none; font-size: 0.9rem; }
nav li a:hover { text-decoration: underline; }
nav .group { margin: 1rem 0 0.25rem; font-weight: 600; }
nav .menu { border: 1px solid var(--line); border-radius: 6px; padding: 0.25rem 0.9rem; }
@media (min-width: 62rem) {
  .columns { display: grid; grid-template-columns: 17rem minmax(0, 1fr); gap: 3rem; }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1rem 0; }
  nav .menu { border: 0; padding: 0; }
  nav .menu summary { display: none; }
  nav .menu::details-content { content-visibility: visible; display: block; }
}
`;
