//! Kubernetes' `url()` and its parts.

use std::collections::HashMap;

use cel::common::types::{CelBool, CelList, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

use super::invalid;
use crate::values::network::{URL, Url};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_type(URL.to_owned())?;
    cel::add_overload!(env, fn url: (CelString) -> Result<Url>)?;
    cel::add_overload!(env, fn is_url: (CelString) -> CelBool, name = "isURL")?;
    cel::add_overload!(env, fn url_to_string: (Url) -> CelString, name = "string", id = "url_to_string")?;
    cel::add_member_overload!(env, fn get_scheme: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_host: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_hostname: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_port: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_escaped_path: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_query: (Url) -> CelMap)
}

fn url(text: &CelString<'_>) -> Result<Url, ExecutionError> {
    Url::parse(text.inner()).ok_or_else(|| invalid("url"))
}

fn is_url(text: &CelString<'_>) -> CelBool {
    Url::parse(text.inner()).is_some().into()
}

fn url_to_string(url: &Url) -> CelString<'static> {
    url.text.clone().into()
}

fn get_scheme(url: &Url) -> CelString<'static> {
    url.scheme.clone().into()
}

fn get_host(url: &Url) -> CelString<'static> {
    url.host.clone().into()
}

fn get_hostname(url: &Url) -> CelString<'static> {
    url.hostname.clone().into()
}

fn get_port(url: &Url) -> CelString<'static> {
    url.port.clone().into()
}

fn get_escaped_path(url: &Url) -> CelString<'static> {
    url.path.clone().into()
}

fn get_query(url: &Url) -> CelMap<'static> {
    let mut values: HashMap<&str, Vec<Box<dyn Val>>> = HashMap::new();
    for (name, value) in &url.query {
        values.entry(name).or_default().push(Box::new(CelString::from(value.clone())));
    }
    let entries = values.into_iter().map(|(name, values)| {
        let key = CelMapKey::String(CelString::from(name.to_owned()));
        (key, Box::new(CelList::from(values)) as Box<dyn Val>)
    });
    CelMap::from(entries.collect::<HashMap<_, _>>())
}
