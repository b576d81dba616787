//! Rules by the segments of their path templates.

use crate::Match;
use crate::index::ByName;
use crate::template::{PathTemplate, Segment, next_segment};

/// Rules of one host.
#[derive(Debug, Clone, Default)]
pub(super) struct PathTree {
    /// Those without paths: for any path, and for none.
    any_path: Vec<usize>,
    root: Node,
}

#[derive(Debug, Clone, Default)]
struct Node {
    literals: ByName<Node>,
    capture: Option<Box<Node>>,
    /// Rules whose template goes on with "all the rest" here.
    rest: Vec<usize>,
    /// Rules whose template ends here.
    end: Vec<usize>,
}

impl PathTree {
    pub(super) fn insert(&mut self, id: usize, rule: &Match) {
        match &rule.paths {
            None => self.any_path.push(id),
            Some(templates) => templates.iter().for_each(|template| self.root.insert(id, template)),
        }
    }

    /// Appends the rules for `path`, in no order, some perhaps twice.
    pub(super) fn collect(&self, path: Option<&str>, found: &mut Vec<usize>) {
        found.extend_from_slice(&self.any_path);
        if let Some(rest) = path.and_then(|path| path.strip_prefix('/')) {
            self.root.collect(Some(rest), found);
        }
    }
}

impl Node {
    fn insert(&mut self, id: usize, template: &PathTemplate) {
        let mut node = self;
        for segment in template.segments() {
            node = match segment {
                Segment::Literal(text) => node.literals.entry(text.clone()).or_default(),
                Segment::Capture(_) => node.capture.get_or_insert_default(),
                Segment::Rest(_) => {
                    node.rest.push(id);
                    return;
                }
            };
        }
        node.end.push(id);
    }

    /// INVARIANT: recursion ends with the tree, at most 64 deep, however long the path is.
    fn collect(&self, rest: Option<&str>, found: &mut Vec<usize>) {
        found.extend_from_slice(&self.rest);
        let Some(rest) = rest else {
            found.extend_from_slice(&self.end);
            return;
        };
        let (segment, after) = next_segment(rest);
        if let Some(node) = self.literals.get(segment) {
            node.collect(after, found);
        }
        if let Some(node) = self.capture.as_ref().filter(|_| !segment.is_empty()) {
            node.collect(after, found);
        }
    }
}
