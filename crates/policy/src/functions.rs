//! The functions beside CEL's own: cel-go's strings, lists, math, sets and encoders, Kubernetes' addresses, URLs, patterns and
//! lists, and what keeps values within their bounds.

mod bounded;
mod lists;
mod network;
mod optional;
mod patterns;
mod sets;
mod text;
mod urls;

pub(crate) use patterns::pattern;

use cel::common::types::CelBool;
use cel::common::value::{CowVal, FromVal, Val};
use cel::{DeclarationError, Env, ExecutionError, extensions};

use crate::failure::Cause;
use crate::values::view::failed;

/// What a function is given, and what it answers.
type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Everything that an expression may call.
pub(crate) fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings)?;
    env.add_extension(extensions::lists)?;
    env.add_extension(extensions::math)?;
    env.add_extension(extensions::encoders)?;
    for register in
        [bounded::register, lists::register, network::register, optional::register, patterns::register, sets::register]
    {
        register(&mut env)?;
    }
    text::register(&mut env)?;
    urls::register(&mut env)?;
    Ok(env)
}

fn truth<'b, 'v>(answer: bool) -> CowVal<'b, 'v> {
    CowVal::Borrowed(if answer { &CelBool::TRUE } else { &CelBool::FALSE })
}

/// Refuses an argument, saying nothing of it.
fn invalid(function: &str) -> ExecutionError {
    ExecutionError::function_error(function, "invalid argument")
}

fn wrong_type() -> ExecutionError {
    failed(Cause::Type)
}

fn too_large() -> ExecutionError {
    failed(Cause::TooLarge)
}

/// The argument at `index`, as a `T`.
fn argument<'a, 'b, 'v, T: FromVal<'a, 'v>>(args: &'a [CowVal<'b, 'v>], index: usize) -> Result<&'a T, ExecutionError>
where
    'b: 'a,
{
    args.get(index).and_then(|value| value.downcast_ref::<T>()).ok_or_else(wrong_type)
}

/// The elements of the list at `index`.
fn elements<'a, 'b, 'v>(args: &'a [CowVal<'b, 'v>], index: usize) -> Result<Vec<&'a (dyn Val + 'v)>, ExecutionError> {
    let list = args.get(index).and_then(|value| value.as_iterable()).ok_or_else(wrong_type)?;
    let mut items = list.iter();
    Ok(std::iter::from_fn(|| items.next()).collect())
}
