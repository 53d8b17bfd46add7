//! How the pages look.

/// The style sheet; nothing comes from elsewhere.
pub(super) const SHEET: &str = "
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 14px/1.45 ui-monospace, monospace; } td code, td a { overflow-wrap: anywhere; } .results { min-width: 13rem; } pre a { color: inherit; }
.status { padding: .1rem .5rem; border-radius: .6rem; white-space: nowrap; color: #fff; font-size: .85rem; }
.verified { background: #1a7f37; } 
.current { background: #1a7f37; } .not-run { background: #57606a; } .partial { background: #9a6700; } .failed, .vacuous, .suspect { background: #cf222e; }
.excluded { background: #57606a; } .open { background: #0969da; }
.counts { display: flex; gap: 1rem; flex-wrap: wrap; padding: 0; list-style: none; }
.counts li { border: 1px solid var(--line); border-radius: .6rem; padding: .5rem 1rem; } .counts b { font-size: 1.6rem; display: block; }
nav { font-size: .9rem; } .source td { padding: 0 .6rem; border: 0; } .source pre { margin: 0; }
.source .run { background: #1a7f3722; } .source .missed { background: #cf222e22; } .source tr:target { outline: 2px solid #0969da; }
.source td:first-child { color: #888; text-align: right; user-select: none; }
footer { margin-top: 3rem; font-size: .85rem; color: #888; }
";
