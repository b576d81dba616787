//! Expressions of a configuration: what is wrong with one is told with its field, its place and the line itself.

use portcullis_config::{ConfigError, Finding};
use portcullis_policy::{Expression, Problem, Problems, Scope};

/// Compiles `source`, which stands in `field`.
///
/// # Errors
/// Everything that is wrong with it: `condition:1:9: unknown field …`, each with its line and a mark below the place.
pub fn compile(field: &str, source: &str, scope: &Scope<'_>) -> Result<Expression, ConfigError> {
    portcullis_policy::compile(source, scope).map_err(|problems| error(field, source, &problems))
}

/// What is right in `expression`, which stands in `field`, and yet suspicious.
#[must_use]
pub fn warnings(field: &str, expression: &Expression) -> Vec<Finding> {
    findings(field, expression.source(), expression.warnings())
}

/// Where `expression`, which stands in `field`, reads what may be absent without asking first.
#[must_use]
pub fn unguarded(field: &str, expression: &Expression) -> Vec<Finding> {
    findings(field, expression.source(), expression.unguarded())
}

fn error(field: &str, source: &str, problems: &Problems) -> ConfigError {
    let errors = problems.iter().map(|problem| error_of(finding(field, source, problem)));
    errors.reduce(ConfigError::and).unwrap_or_else(|| ConfigError::at(field, "no expression"))
}

fn error_of(Finding { path, message }: Finding) -> ConfigError {
    ConfigError::at(path, message)
}

fn findings(field: &str, source: &str, problems: &[Problem]) -> Vec<Finding> {
    problems.iter().map(|problem| finding(field, source, problem)).collect()
}

/// A problem is told in a line; the line of the text and the mark follow.
fn finding(field: &str, source: &str, problem: &Problem) -> Finding {
    let Problem { line, column, message, suggestion, .. } = problem;
    let hint = suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    let shown: String = problem.render(source).lines().skip(1).map(|line| format!("\n{line}")).collect();
    Finding { path: format!("{field}:{line}:{column}"), message: format!("{message}{hint}{shown}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_field_the_place_and_the_nearest_name() {
        let error = compile("condition", "request.methd == \"GET\"", &Scope::condition()).unwrap_err().to_string();
        assert!(error.starts_with("condition:1:"), "{error}");
        assert!(error.contains("did you mean `request.method`?"), "{error}");
        assert!(error.contains("| request.methd == \"GET\"") && error.contains('^'), "{error}");
    }

    #[test]
    fn every_problem_is_told() {
        let error = compile("condition", "request.methd == jwt.cliams.x", &Scope::condition()).unwrap_err();
        assert_eq!(error.findings().len(), 2, "{error}");
    }

    #[test]
    fn what_is_suspicious_or_may_be_absent_is_told_with_its_place() {
        let source = "request.host == \"A.example\" && jwt.claims.tenant == \"a\"";
        let expression = compile("condition", source, &Scope::condition()).unwrap();
        let [suspicious] = warnings("condition", &expression).try_into().unwrap();
        assert_eq!(suspicious.path, "condition:1:17");
        assert!(suspicious.message.contains("lower case\n  | request.host"), "{suspicious}");
        let [absent] = unguarded("condition", &expression).try_into().unwrap();
        assert_eq!(absent.path, "condition:1:43");
        assert!(absent.message.contains("`has(jwt.claims.tenant)`"), "{absent}");
    }
}
