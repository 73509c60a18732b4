//! The sessions, in a thread of their own. The one that was not used for longest ends when there
//! are too many.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use quorate_session::Session;

/// A request to the sessions, with where the answer goes.
struct Job {
    session: Option<u64>,
    body: String,
    answer: Sender<Answer>,
}

/// Result of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A session was opened.
    Opened(u64),
    /// The session's response, as JSON.
    Response(String),
    /// The session has ended, or never was.
    Ended,
}

/// A way to ask the sessions, for every thread.
#[derive(Clone)]
pub(crate) struct Desk {
    jobs: Sender<Job>,
}

impl Desk {
    /// Starts the thread of the sessions.
    pub(crate) fn open(most: usize) -> Desk {
        let (jobs, received) = channel();
        thread::spawn(move || Sessions { most, last: 0, open: VecDeque::new() }.serve(&received));
        Desk { jobs }
    }

    /// Opens a session.
    pub(crate) fn begin(&self) -> Answer {
        self.send(None, String::new())
    }

    /// Hands a request to a session.
    pub(crate) fn ask(&self, session: u64, body: String) -> Answer {
        self.send(Some(session), body)
    }

    fn send(&self, session: Option<u64>, body: String) -> Answer {
        let (answer, answered) = channel();
        // The thread ends only by a bug of a session; then all of them have ended.
        if self.jobs.send(Job { session, body, answer }).is_err() {
            return Answer::Ended;
        }
        answered.recv().unwrap_or(Answer::Ended)
    }
}

/// All sessions, the one used last at the back.
struct Sessions {
    most: usize,
    last: u64,
    open: VecDeque<(u64, Session)>,
}

impl Sessions {
    fn serve(mut self, jobs: &Receiver<Job>) {
        for Job { session, body, answer } in jobs {
            let came = match session {
                None => self.begin(),
                Some(id) => self.ask(id, &body),
            };
            // The asker may be gone.
            let _ = answer.send(came);
        }
    }

    fn begin(&mut self) -> Answer {
        if self.open.len() >= self.most {
            self.open.pop_front();
        }
        self.last += 1;
        self.open.push_back((self.last, Session::new()));
        Answer::Opened(self.last)
    }

    fn ask(&mut self, id: u64, body: &str) -> Answer {
        let Some(place) = self.open.iter().position(|(known, _)| *known == id) else { return Answer::Ended };
        let Some((_, mut session)) = self.open.remove(place) else { return Answer::Ended };
        let response = session.handle(body);
        self.open.push_back((id, session));
        Answer::Response(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_not_used_for_longest_ends_first() {
        let desk = Desk::open(2);
        let ask = |id| desk.ask(id, r#"{"do":"catalogue"}"#.to_owned());
        assert_eq!([desk.begin(), desk.begin()], [Answer::Opened(1), Answer::Opened(2)]);
        assert!(matches!(ask(1), Answer::Response(_)));
        assert_eq!(desk.begin(), Answer::Opened(3));
        assert_eq!(ask(2), Answer::Ended);
        assert!(matches!(ask(1), Answer::Response(_)) && matches!(ask(3), Answer::Response(_)));
        assert_eq!(ask(4), Answer::Ended);
    }
}
