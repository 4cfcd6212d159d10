// The plugin's side of the handshake, with an engine that answers anything: a real socket, the real
// link and its thread, and what the view makes of what was said.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "chance.h"
#include "engine_link.h"
#include "words.h"

namespace {

using namespace rtgen;

constexpr std::size_t kLongestSentence = 4096 + 512;  // a line, and what came along with its end

// Where a stand-in for the engine listens; made once.
class Listener {
 public:
  Listener() {
    char made[] = "/tmp/rtgen-fuzz-XXXXXX";
    RTGEN_DEMAND(mkdtemp(made) != nullptr);
    folder_ = made;
    setenv("RTGEN_RUNTIME", made, 1);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string path = engine_address();
    RTGEN_DEMAND(!path.empty());
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    RTGEN_DEMAND(bind(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0);
    RTGEN_DEMAND(listen(socket_, 4) == 0);
  }
  ~Listener() {
    close(socket_);
    unlink((folder_ + "/engine.sock").c_str());
    rmdir(folder_.c_str());
  }

  // Says something to who connects next, and stays until all of it was heard.
  void answer(const std::uint8_t* data, std::size_t size) const {
    const int peer = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    RTGEN_DEMAND(peer >= 0);
    RTGEN_DEMAND(send(peer, data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size) ||
                 errno == EPIPE || errno == ECONNRESET);
    shutdown(peer, SHUT_WR);
    std::string hello;
    char part[512];
    for (ssize_t got = 0; (got = recv(peer, part, sizeof(part), 0)) > 0;) {
      hello.append(part, static_cast<std::size_t>(got));
    }
    RTGEN_DEMAND(hello.empty() || hello.back() == '\n');
    close(peer);
  }

 private:
  std::string folder_;
  int socket_{-1};
};

void show(const EngineLink::Said& said) {
  for (std::uint32_t status = 0; status <= static_cast<std::uint32_t>(Status::kBouncing);
       ++status) {
    words_for(static_cast<Status>(status), (status & 1U) != 0, said);
  }
  model_label(said, {"wanted", ""});
  next_model(said);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Listener listener;
  EngineLink link("fuzz");
  link.start(44100, 512, std::chrono::milliseconds(0));
  listener.answer(data, size);
  const EngineLink::Said said = link.said();
  RTGEN_DEMAND(said.refusal.size() <= kLongestSentence);
  RTGEN_DEMAND(said.model.size() + said.checksum.size() <= kLongestSentence);
  show(said);
  link.stop();
  RTGEN_DEMAND(!link.said().connected);
  return 0;
}
