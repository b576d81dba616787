//! Metrics.

use portcullis_filter::MetricKind;

use crate::model::{Status, Worker};

impl Worker {
    /// `proxy_define_metric`
    pub(crate) fn define_metric(&mut self, kind: MetricKind, name: &str) -> Result<u32, Status> {
        self.admit("proxy_define_metric")?;
        Ok(self.metric_ids.define(&mut self.shared.metrics.borrow_mut(), kind, name))
    }

    /// `proxy_increment_metric`
    pub(crate) fn increment_metric(&mut self, id: u32, offset: i64) -> Result<(), Status> {
        self.admit("proxy_increment_metric")?;
        self.metric_ids.increment(&mut self.shared.metrics.borrow_mut(), id, offset)
    }

    /// `proxy_record_metric`
    pub(crate) fn record_metric(&mut self, id: u32, value: u64) -> Result<(), Status> {
        self.admit("proxy_record_metric")?;
        self.metric_ids.record(&mut self.shared.metrics.borrow_mut(), id, value)
    }

    /// `proxy_get_metric`
    pub(crate) fn get_metric(&mut self, id: u32) -> Result<u64, Status> {
        self.admit("proxy_get_metric")?;
        self.metric_ids.get(&self.shared.metrics.borrow(), id)
    }
}
