//! Our values as CEL's, and CEL's as ours.

pub(crate) mod constant;
pub(crate) mod from_cel;
pub(crate) mod network;
pub(crate) mod to_cel;
pub(crate) mod view;

pub(crate) use from_cel::from_cel;
pub(crate) use to_cel::to_cel;
pub(crate) use view::View;
