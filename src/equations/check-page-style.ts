// The style of the check's page: light and dark by the reader's setting, one column on a phone, else remarks in the
// margin.

export const STYLE = `
:root { color-scheme: light dark; --paper: #fdfcf9; --ink: #1d1f24; --soft: #5c616b; --line: #dedbd2; --card: #fff;
  --good: #17693b; --bad: #b3201a; --goodwash: #e5f3ea; --badwash: #fbe6e4; --link: #1f5aa8; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e6e5e1; --soft: #a2a7b0; --line: #33373f; --card: #1b1e24;
  --good: #74d29a; --bad: #ff9b93; --goodwash: #173223; --badwash: #40201d; --link: #8db9f2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 2.5rem 2rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font: 600 1.9rem/1.2 Georgia, "Times New Roman", serif; margin: 0 0 1rem; text-wrap: balance; }
h2 { font: 600 1.3rem/1.3 Georgia, "Times New Roman", serif; margin: 3rem 0 .25rem; }
a { color: var(--link); }
.verdict { font-weight: 600; padding: .6rem 1rem; border-radius: .4rem; margin: 0 0 1.2rem; }
.verdict.pass { background: var(--goodwash); color: var(--good); }
.verdict.fail { background: var(--badwash); color: var(--bad); }
dl { margin: 0; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.facts { display: flex; flex-wrap: wrap; gap: .8rem 2.2rem; }
article { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr) 19rem 14rem; gap: .5rem 1.5rem; align-items: start;
  padding: 1.1rem 0; border-top: 1px solid var(--line); }
article.absent { opacity: .75; }
article:target { outline: 2px solid var(--link); outline-offset: .3rem; }
.id { margin: 0; font-weight: 600; }
.id a { color: inherit; text-decoration: none; }
.mark { display: block; width: fit-content; font-size: .78rem; font-weight: 600; padding: 0 .5rem; border-radius: 1rem; margin-top: .2rem; }
.pass > .id .mark { background: var(--goodwash); color: var(--good); }
.fail > .id .mark { background: var(--bad); color: var(--paper); }
.absent > .id .mark { background: var(--line); color: var(--soft); }
.math { overflow-x: auto; padding: .2rem 0 .5rem; }
.math math { font-size: 1.1rem; font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", math; }
/* Brackets drawn by hand: without a mathematical font on the reader's machine, characters do not stretch. */
.bracketed { padding: .15em .45em; background: linear-gradient(currentColor 0 0) 0 0 / 1.5px 100%, linear-gradient(currentColor 0 0) 100% 0 / 1.5px 100%,
  linear-gradient(currentColor 0 0) 0 0 / .3em 1.5px, linear-gradient(currentColor 0 0) 100% 0 / .3em 1.5px,
  linear-gradient(currentColor 0 0) 0 100% / .3em 1.5px, linear-gradient(currentColor 0 0) 100% 100% / .3em 1.5px; background-repeat: no-repeat; }
.statement { min-width: 0; }
sub, sup { font-size: .75em; line-height: 0; }
.measured dl > div { display: grid; grid-template-columns: 6rem 1fr; gap: .5rem; }
.measured p { margin: 0; color: var(--soft); }
small { display: block; color: var(--soft); overflow-wrap: anywhere; }
aside { font: italic .93rem/1.45 Georgia, "Times New Roman", serif; color: var(--soft); border-left: 2px solid var(--line); padding-left: .8rem; }
details { grid-column: 2 / -1; font-size: .9rem; min-width: 0; }
summary { cursor: pointer; color: var(--link); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1.5rem .35rem 0; border-top: 1px solid var(--line); font-weight: 400; min-width: 5rem; }
thead th { color: var(--soft); border: 0; }
tbody th { min-width: 13rem; }
tr.fail { color: var(--bad); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--soft); max-width: 48rem; font-size: .93rem; }
@media (max-width: 72rem) { article { grid-template-columns: 4rem minmax(0, 1fr) 18rem; } aside { grid-column: 2 / -1; } }
@media (max-width: 48rem) { body { padding: 1.2rem 1rem 3rem; } h1 { font-size: 1.5rem; }
  article { grid-template-columns: minmax(0, 1fr); } aside, details { grid-column: 1; } .mark { display: inline-block; margin: 0 0 0 .4rem; } }
@media print { details { display: none; } article { break-inside: avoid; } }
`;
