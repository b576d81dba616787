//! Rule coverage: which rules the tests have seen let a request pass, and refuse one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use portcullis_cases::runner::{Answer, Configs, expanded_configs};
use portcullis_config::Mode;

use super::file::TestFile;
use super::runner::FileRun;
use crate::plugin::Plugin;
use crate::policy_file::PolicyFile;
use crate::rules::{Effect, Rule, Rules};
use crate::terminal::{bad, good, strong};

/// What tests have shown of every policy.
#[derive(Debug, Default)]
pub(crate) struct Coverage(BTreeMap<PathBuf, Vec<(Rule, Hits)>>);

/// How often a rule was seen on either side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    /// Requests that it is for, and that passed.
    allow: usize,
    /// Requests that it is for, and that were refused.
    deny: usize,
    /// Requests that it is not for, and that passed.
    other_allow: usize,
    /// Requests that it is not for, and that were refused.
    other_deny: usize,
    /// Decisions that it had recorded.
    logged: usize,
}

/// Whether a request passed a plugin, and what grew.
struct Verdict<'a> {
    passed: bool,
    growth: &'a BTreeMap<String, i64>,
}

impl Coverage {
    /// Counts what the cases of a file have shown.
    pub(crate) fn add(&mut self, run: &FileRun<'_>) {
        let Some(rules) = rules(run.file) else { return };
        for (place, (link, rules)) in run.file.chain.iter().zip(&rules).enumerate() {
            let Some(rules) = rules else { continue };
            let seen = self.policy(&link.path, rules);
            for answer in run.cases.iter().flat_map(|case| &case.run.answers) {
                count(seen, rules, place, answer);
            }
        }
    }

    /// Counts a policy that has no tests, if the file at `path` is one.
    pub(crate) fn add_untested(&mut self, path: &Path) {
        if self.0.contains_key(path) {
            return;
        }
        let Ok(policy) = PolicyFile::read(path) else { return };
        let rules = Plugin::named(&policy.plugin).ok().and_then(|plugin| Rules::of(plugin, &policy.config).ok());
        if let Some(rules) = rules {
            self.policy(path, &rules);
        }
    }

    fn policy(&mut self, path: &Path, rules: &Rules) -> &mut Vec<(Rule, Hits)> {
        let unseen = || rules.rules.iter().map(|rule| (rule.clone(), Hits::default())).collect();
        self.0.entry(path.to_owned()).or_insert_with(unseen)
    }

    /// How many rules were seen on both sides, and how many there are.
    pub(crate) fn figures(&self) -> (usize, usize) {
        let rules = || self.0.values().flatten();
        (rules().filter(|(rule, hits)| hits.cover(rule)).count(), rules().count())
    }

    /// In one line.
    pub(crate) fn summary(&self) -> String {
        let (covered, all) = self.figures();
        let figures = format!("{covered} of {all} rules");
        let figures = if covered == all { good(figures) } else { bad(figures) };
        format!("coverage: {figures} hit by an allow and by a deny\n")
    }

    /// Every rule of every policy.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        for (path, rules) in &self.0 {
            let _ = writeln!(text, "{}", strong(path.display()));
            let width = rules.iter().map(|(rule, _)| rule.name.chars().count()).max().unwrap_or_default();
            for (rule, hits) in rules {
                let said = hits.of(rule);
                let said = if hits.cover(rule) { said } else { bad(said) };
                let _ = writeln!(text, "  {:width$}  {said}", rule.name);
            }
        }
        text
    }
}

/// The rules of each policy in the chain; none of one that is refused.
fn rules(file: &TestFile) -> Option<Vec<Option<Rules>>> {
    let (_, case) = file.cases.first()?;
    let Configs { own, before } = expanded_configs(case, case.now.0).ok()?;
    let configs = before.iter().map(|(_, config)| config).chain([&own]);
    Some(file.chain.iter().zip(configs).map(|(link, config)| Rules::of(link.plugin, config).ok()).collect())
}

/// Counts a request, if it came to the plugin at this `place` of the chain, and its rules have judged it.
fn count(seen: &mut [(Rule, Hits)], rules: &Rules, place: usize, answer: &Answer) {
    let answered_by = answer.seen.answered_by;
    let (came, passed) = (answered_by.is_none_or(|by| by >= place), answered_by.is_none_or(|by| by > place));
    let counted = |outcome: &str| {
        let prefix = format!("portcullis.decisions.{}.{outcome}.{}", rules.instance, rules.reasons);
        answer.growth.keys().any(|name| name.starts_with(&prefix))
    };
    if !came || !["allowed", "denied", "shadow"].into_iter().any(counted) {
        return;
    }
    // What a plugin that is only tried out would have refused, it has refused.
    let verdict = Verdict { passed: passed && !(rules.mode == Mode::Shadow && counted("shadow")), growth: &answer.growth };
    let candidates = rules.candidates(&answer.request.method, &answer.request.host, &answer.request.path);
    for (number, (rule, hits)) in seen.iter_mut().enumerate() {
        hits.add(rule, candidates.contains(&number), &verdict);
    }
}

impl Hits {
    fn add(&mut self, rule: &Rule, is_for: bool, verdict: &Verdict<'_>) {
        let grew = |metric: &str| verdict.growth.contains_key(metric);
        let passed = match &rule.effect {
            Effect::Decides => verdict.passed,
            Effect::Shadow { held, allows } => grew(held) == *allows,
            Effect::Logs { logged } => return self.logged += usize::from(grew(logged)),
        };
        let side = match (is_for, passed) {
            (true, true) => &mut self.allow,
            (true, false) => &mut self.deny,
            (false, true) => &mut self.other_allow,
            (false, false) => &mut self.other_deny,
        };
        *side += 1;
    }

    /// How often either side was seen. Of a rule that does the same with every request that it is for, requests that it is not for
    /// show the other side.
    fn sides(&self, rule: &Rule) -> (usize, usize) {
        match (self.allow, self.deny) {
            (allow, 0) if rule.by_match && allow > 0 => (allow, self.other_deny),
            (0, deny) if rule.by_match && deny > 0 => (self.other_allow, deny),
            sides => sides,
        }
    }

    fn cover(&self, rule: &Rule) -> bool {
        match rule.effect {
            Effect::Logs { .. } => self.logged > 0,
            Effect::Decides | Effect::Shadow { .. } => {
                let (allow, deny) = self.sides(rule);
                allow > 0 && deny > 0
            }
        }
    }

    /// What was seen of `rule`, in words.
    fn of(&self, rule: &Rule) -> String {
        let (allow, deny) = self.sides(rule);
        match &rule.effect {
            Effect::Logs { .. } if self.logged > 0 => format!("logged {}", self.logged),
            Effect::Logs { .. } => "neither".to_owned(),
            Effect::Decides | Effect::Shadow { .. } => match (allow, deny) {
                (0, 0) => "neither".to_owned(),
                (allow, 0) => format!("allow {allow}, no deny"),
                (0, deny) => format!("deny {deny}, no allow"),
                (allow, deny) => format!("allow {allow}, deny {deny}"),
            },
        }
    }
}

#[cfg(test)]
mod tests;
