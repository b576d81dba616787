//! What the translation of a field has to know.

use portcullis_config::NonEmpty;

use super::cel::Cel;
use super::claims::Delimited;
use super::options::Options;
use super::resource::At;
use super::wire::Texts;

/// The rule around a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) options: &'a Options,
    /// The namespace of the policy.
    pub(super) namespace: Option<&'a str>,
    pub(super) delimited: &'a Delimited,
    /// Which way a test must err that cannot be exact: whether it may hold too often.
    pub(super) wider: bool,
}

/// What the values of a field ask for.
pub(super) type Translate = fn(&[String], &Context<'_>, &At<'_>) -> Cel;

impl Context<'_> {
    /// A field and its negative: `hosts`, `notHosts`.
    pub(super) fn both(
        &self,
        names: (&str, &str),
        values: (&Texts, &Texts),
        translate: impl Fn(&[String], &Context<'_>, &At<'_>) -> Cel,
        at: &At<'_>,
    ) -> Cel {
        let positive = self.one(names.0, values.0, &translate, at).unwrap_or(Cel::Always);
        let contrary = Self { wider: !self.wider, ..*self };
        let negative = contrary.one(names.1, values.1, &translate, at).map_or(Cel::Always, Cel::not);
        Cel::all([positive, negative])
    }

    fn one(
        &self,
        name: &str,
        values: &Texts,
        translate: &impl Fn(&[String], &Context<'_>, &At<'_>) -> Cel,
        at: &At<'_>,
    ) -> Option<Cel> {
        let at = at.field(name);
        let values = values.as_ref().map(NonEmpty::as_slice)?;
        Some(translate(values, self, &at))
    }
}

/// The values with their places. An empty one is refused.
pub(super) fn placed<'v, 'a>(values: &'v [String], at: &At<'a>) -> impl Iterator<Item = (&'v str, At<'a>)> {
    values.iter().enumerate().map(|(index, value)| (value.as_str(), at.index(index))).filter(|(value, at)| {
        if value.is_empty() {
            at.refuse("an empty value says nothing");
        }
        !value.is_empty()
    })
}
