//! The options of every command in Markdown, as JSON by the name of its page: for `make schema`.

use std::fmt::Write as _;

use clap::{Arg, Command};
use serde_json::{Map, Value as Json};

fn main() {
    let cli = portcullis_cli::command();
    let commands: Vec<&Command> = cli.get_subcommands().filter(|command| command.get_name() != "help").collect();
    let pages = commands.iter().map(|command| {
        let mut page = String::new();
        add(command, "portcullis", &mut page);
        (command.get_name().to_owned(), Json::String(page))
    });
    let index = (String::new(), Json::String(index(&commands)));
    println!("{}", Json::Object(pages.chain([index]).collect::<Map<_, _>>()));
}

/// Every command with what it does.
fn index(commands: &[&Command]) -> String {
    let row = |command: &&Command| {
        let name = command.get_name();
        format!("| [{name}](cli/{name}.md) | {} |\n", about(command))
    };
    format!("| command | |\n|---|---|\n{}\n", commands.iter().map(row).collect::<String>())
}

/// What is to be known of `command`, which is called below `above`; of its own commands after it.
fn add(command: &Command, above: &str, page: &mut String) {
    let name = format!("{above} {}", command.get_name());
    let usage = command.clone().bin_name(&name).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().replace("\n       ", "\n");
    let _ = write!(page, "```\n{usage}\n```\n\n");
    for heading in headings(command) {
        let title = heading.unwrap_or("option");
        let options = command.get_arguments().filter(|option| !is_help(option) && option.get_help_heading() == heading);
        let rows: String = options.map(row).collect();
        let _ = write!(page, "| {title} | |\n|---|---|\n{rows}\n");
    }
    if let Some(examples) = command.get_after_help() {
        let _ = write!(
            page,
            "{}\n\n",
            examples.to_string().replace("Examples:\n", "Examples:\n\n```\n").trim_end().to_owned() + "\n```"
        );
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let _ = write!(page, "### {name} {}\n\n{}.\n\n", inner.get_name(), about(inner));
        add(inner, &name, page);
    }
}

/// The headings of options, in order; none where there are no options.
fn headings(command: &Command) -> Vec<Option<&str>> {
    let mut headings: Vec<Option<&str>> = Vec::new();
    for heading in command.get_arguments().filter(|option| !is_help(option)).map(Arg::get_help_heading) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    headings
}

fn is_help(option: &Arg) -> bool {
    matches!(option.get_id().as_str(), "help" | "version")
}

fn row(option: &Arg) -> String {
    let help = option.get_help().map(ToString::to_string).unwrap_or_default();
    // As clap writes defaults, where they are no values of their own.
    let (help, default) = help.split_once(" [default: ").unwrap_or((&help, ""));
    let mut meaning = sentence(help);
    if let Some(default) = default.strip_suffix(']') {
        let _ = write!(meaning, "<br>Default: `{default}`");
    }
    for value in option.get_possible_values().iter().filter(|_| option.get_action().takes_values()) {
        let about = value.get_help().map(|about| format!(": {about}")).unwrap_or_default();
        let _ = write!(meaning, "<br>`{}`{about}", value.get_name());
    }
    let defaults =
        option.get_default_values().iter().filter_map(|value| value.to_str()).filter(|_| option.get_action().takes_values());
    defaults.for_each(|value| {
        let _ = write!(meaning, "<br>Default: `{value}`");
    });
    format!("| `{}` | {} |\n", spelling(option).replace('|', "\\|"), meaning.replace('|', "\\|").replace('\n', " "))
}

/// `-X`, `--method METHOD`, or `FILE…`.
fn spelling(option: &Arg) -> String {
    let values: Vec<String> = option.get_value_names().into_iter().flatten().map(ToString::to_string).collect();
    let (value, several) = (values.join(" "), option.get_num_args().is_some_and(|count| count.max_values() > 1));
    let optional = option.get_num_args().is_some_and(|count| count.min_values() == 0);
    let short = option.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    match option.get_long() {
        None if several => format!("{value}…"),
        None => value,
        Some(long) if !option.get_action().takes_values() => format!("{short}--{long}"),
        Some(long) if optional && !value.is_empty() => format!("{short}--{long}[={value}]"),
        Some(long) => format!("{short}--{long} {value}"),
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}
