//! Streams: whose turn it is, resuming, resetting, replying.

use crate::model::{Action, Direction, LocalReply, Status, Worker};

impl Worker {
    /// `proxy_set_effective_context`; 0 is the VM's own context and undoes an earlier call.
    pub(crate) fn set_effective_context(&mut self, context: u32) -> Result<(), Status> {
        self.admit("proxy_set_effective_context")?;
        let known = self.become_effective(Some(context).filter(|context| *context != 0));
        if known { Ok(()) } else { Err(Status::BadArgument) }
    }

    /// `proxy_send_local_response`; in the root context it does nothing, and is OK.
    pub(crate) fn send_local_response(&mut self, mut reply: LocalReply) -> Result<(), Status> {
        self.admit("proxy_send_local_response")?;
        reply.details = reply.details.replace(|character: char| character.is_ascii_whitespace(), "_");
        self.overrule_answer();
        self.after_callback(|context| Action::Reply(context, reply));
        Ok(())
    }

    /// `proxy_continue_stream`
    pub(crate) fn continue_stream(&mut self, kind: u32) -> Result<(), Status> {
        self.admit("proxy_continue_stream")?;
        let direction = match kind {
            0 => Direction::Request,
            1 => Direction::Response,
            2 => return Ok(()),
            3 => return Err(Status::Unimplemented),
            _ => return Err(Status::BadArgument),
        };
        self.after_callback(|context| Action::Resume(context, direction));
        if let Some(stream) = self.current_mut() {
            stream.request.headers_open = false;
            stream.request.trailers_open = false;
        }
        Ok(())
    }

    /// `proxy_close_stream`
    pub(crate) fn close_stream(&mut self, kind: u32) -> Result<(), Status> {
        self.admit("proxy_close_stream")?;
        match kind {
            0 | 1 => self.after_callback(Action::Close),
            2 | 3 => {}
            _ => return Err(Status::BadArgument),
        }
        Ok(())
    }
}
