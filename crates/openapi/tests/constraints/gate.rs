//! The plugin with the imported configuration, and the report.

use input_validation::InputValidation;
use portcullis_host::{Options as HostOptions, Proxy, Request};
use portcullis_openapi::{Level, Options, Remark, import};

pub(crate) struct Gate {
    proxy: Proxy,
    report: Vec<Remark>,
}

impl Gate {
    pub(crate) fn of(name: &str) -> Self {
        let imported = import(&crate::document::text(name), &Options::default());
        let config = imported.policy.unwrap().config.to_string();
        let proxy = Proxy::native::<InputValidation>(config.as_bytes(), HostOptions::default());
        Self { proxy: proxy.unwrap_or_else(|error| panic!("{name}: {error}")), report: imported.report }
    }

    /// The code of the refusal; nothing where the request passes.
    pub(crate) fn verdict(&mut self, request: Request) -> Option<String> {
        let stream = self.proxy.send(0, request);
        let exchange = self.proxy.outcome(stream).done().unwrap();
        let Some(reply) = exchange.reply else {
            assert!(exchange.upstream.is_some_and(|upstream| upstream.complete));
            return None;
        };
        let code = reply.details.strip_prefix("portcullis_").unwrap_or(&reply.details);
        Some(code.split('{').next().unwrap_or_default().to_owned())
    }

    /// The remark that names the keyword at one of the places, which lead to it one after the other, as not enforced.
    pub(crate) fn named(&self, keyword: &str, places: &[String]) -> Option<&Remark> {
        self.report.iter().find(|remark| {
            let within = |place: &String| *place == remark.pointer || place.starts_with(&format!("{}/", remark.pointer));
            let quoted = remark.message.contains('`');
            let about = !quoted || remark.message.contains(&format!("`{keyword}`")) || remark.message.contains("style");
            let itself = remark.pointer.ends_with(&format!("/{keyword}"));
            remark.level == Level::Unenforced && !remark.pointer.is_empty() && places.iter().any(within) && (about || itself)
        })
    }
}
