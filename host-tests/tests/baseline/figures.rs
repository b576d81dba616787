//! Figures by name, as they are committed.

use std::collections::BTreeMap;
use std::fmt;

/// Figures of scenarios: `[scenario]`, then `name: figure`, a line each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Figures(pub(crate) BTreeMap<String, BTreeMap<String, f64>>);

impl Figures {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut figures = Self::default();
        let mut scenario = None;
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                scenario = Some(figures.0.entry(name.to_owned()).or_default());
                continue;
            }
            let (name, figure) = line.rsplit_once(": ").ok_or_else(|| format!("no figure: {line}"))?;
            let figure = figure.parse().map_err(|_| format!("no number: {line}"))?;
            scenario.as_mut().ok_or("a figure of no scenario")?.insert(name.to_owned(), figure);
        }
        Ok(figures)
    }

    /// What is more here than in `committed`, and what is less or gone.
    pub(crate) fn beside(&self, committed: &Self) -> (Vec<String>, Vec<String>) {
        let (mut more, mut less) = (Vec::new(), Vec::new());
        for (scenario, name) in self.names().chain(committed.names()).collect::<std::collections::BTreeSet<_>>() {
            let of = |figures: &Self| figures.0.get(scenario).and_then(|of| of.get(name)).copied();
            let line = |was: f64, is: f64| format!("{scenario}: {name}: {was} before, now {is}");
            match (of(committed), of(self)) {
                (was, Some(is)) if was.is_none_or(|was| is > was) => more.push(line(was.unwrap_or_default(), is)),
                (Some(was), is) if is.is_none_or(|is| is < was) => less.push(line(was, is.unwrap_or_default())),
                _ => {}
            }
        }
        (more, less)
    }

    fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(scenario, of)| of.keys().map(|name| (scenario.as_str(), name.as_str())))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(scenario, figures)| {
            writeln!(f, "\n[{scenario}]")?;
            figures.iter().try_for_each(|(name, figure)| writeln!(f, "{name}: {figure}"))
        })
    }
}

#[test]
fn what_grows_is_told_from_what_shrinks() {
    let parse = |text: &str| Figures::parse(text).expect("these are figures");
    let before = parse("# head\n\n[a]\nx: 1\ny: 2.5\ngone: 1\n[b]\nx: 3\n");
    assert_eq!(parse(&before.to_string()), before);
    assert_eq!(before.beside(&before), (Vec::new(), Vec::new()));
    let (more, less) = parse("[a]\nx: 2\ny: 2\nnew: 1\n[b]\nx: 3\n").beside(&before);
    assert_eq!(more, ["a: new: 0 before, now 1", "a: x: 1 before, now 2"]);
    assert_eq!(less, ["a: gone: 1 before, now 0", "a: y: 2.5 before, now 2"]);
}
