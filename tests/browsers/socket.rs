//! Calls with numbered answers over a WebSocket, and events between them.

use std::net::TcpStream;
use std::time::Instant;

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::tab::PATIENCE;

/// Connection to a browser.
pub(crate) struct Socket {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    last: u64,
    /// Events that have arrived, oldest first.
    events: Vec<Value>,
}

impl Socket {
    pub(crate) fn connect(address: &str) -> Socket {
        let (socket, _) = tungstenite::connect(address).expect("the browser listens");
        Socket { socket, last: 0, events: Vec::new() }
    }

    /// Calls a method, and returns its result.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let request = json!({"id": self.last, "method": method, "params": parameters}).to_string();
        self.socket.send(Message::text(request)).expect("the browser is there");
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "{method} takes too long");
            let Message::Text(text) = self.socket.read().expect("the browser answers") else { continue };
            let mut answer: Value = serde_json::from_str(&text).expect("it answers in JSON");
            if answer["id"] == self.last {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    /// Takes the events that have arrived.
    pub(crate) fn events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }
}
