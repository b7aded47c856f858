//! The audit of the lesson's claims.

use crate::artifact::{Artifact, Output};
use crate::audit;
use crate::lesson::Lesson;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "audit",
    title: "Audit: the lesson's claims, checked on its own network",
    run: |lesson: &Lesson| {
        let audit = audit::run(lesson.source, lesson.seed);
        Output::listed(audit.table(), audit.list()).brief(audit.brief()).notes(audit.notes())
    },
};
