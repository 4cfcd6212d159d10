#include "engine_link.h"

#include <memory>
#include <sstream>

#include "plain_word.h"

namespace rtgen {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause(500);
constexpr milliseconds kLongestPause(5000);
constexpr milliseconds kLook(100);
constexpr std::chrono::seconds kAnswerTime(20);  // an engine may have to load the model first

// Memory lives as long as the connection that lies in it.
struct MappedConnection : Connection {
  MappedConnection(std::unique_ptr<SharedMemory> its_memory, const Segment& segment)
      : Connection(segment), memory(std::move(its_memory)) {}
  std::unique_ptr<SharedMemory> memory;
};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) out.push_back(part);
  return out;
}

}  // namespace

void EngineLink::start(std::uint32_t rate, std::uint32_t block, milliseconds patience) {
  stop();
  rate_ = rate;
  block_ = block;
  stopping_ = false;
  tried_ = false;
  thread_ = std::thread([this] { run(); });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [this] { return tried_; });
}

void EngineLink::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  free(slots_.offered.exchange(nullptr));
  free_retired();
}

void EngineLink::free(Connection* connection) { delete static_cast<MappedConnection*>(connection); }

void EngineLink::want(const Wanted& wanted) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted.model == wanted_.model && wanted.checksum == wanted_.checksum) return;
    wanted_ = wanted;
    ++wishes_;
  }
  changed_.notify_all();
}

EngineLink::Said EngineLink::said() const {
  const std::lock_guard lock(mutex_);
  return said_;
}

void EngineLink::run() {
  milliseconds rest = kFirstPause;
  for (;;) {
    const std::uint64_t stamp = engine_stamp(engine_address());
    {
      LocalSocket socket;  // not kept while resting
      if (connect(socket)) rest = kFirstPause;
    }
    {
      const std::lock_guard lock(mutex_);
      said_.connected = false;
      tried_ = true;
    }
    changed_.notify_all();
    if (!pause(rest, stamp)) return;
    rest = std::min(rest * 3 / 2, kLongestPause);
  }
}

// True if an engine served us, for however long.
bool EngineLink::connect(LocalSocket& socket) {
  if (!socket.connect(engine_address())) {
    const std::lock_guard lock(mutex_);
    said_.refusal.clear();
    return false;
  }
  auto memory = std::make_unique<SharedMemory>();
  Segment segment;
  const std::uint32_t capacity = capacity_for(rate_);
  if (!memory->create(Segment::bytes(capacity)) ||
      segment.create(memory->data(), memory->size(), rate_, capacity) != Refusal::kNone) {
    const std::lock_guard lock(mutex_);
    said_.refusal = "there is no memory to share with the engine";
    return false;
  }
  Wanted wanted;
  std::uint64_t wishes = 0;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_;
    wishes = wishes_;
  }
  std::ostringstream hello;
  hello << "{\"rtgen\": " << kSegmentVersion << ", \"rate\": " << rate_ << ", \"block\": " << block_
        << ", \"model\": " << quoted(wanted.model) << ", \"checksum\": " << quoted(wanted.checksum)
        << ", \"client\": " << quoted(client_) << "}\n";
  if (!socket.send(hello.str(), memory->descriptor()) || !understand(answer(socket))) return false;
  auto* connection = new MappedConnection(std::move(memory), segment);
  serve(socket, connection, wishes);
  return true;
}

// The engine's line; empty if it says nothing, or we are to stop.
std::string EngineLink::answer(LocalSocket& socket) {
  std::string line;
  const auto until = std::chrono::steady_clock::now() + kAnswerTime;
  while (std::chrono::steady_clock::now() < until) {
    const LocalSocket::Heard heard = socket.receive(line, static_cast<int>(kLook.count()));
    if (heard == LocalSocket::Heard::kLine) return line;
    const std::lock_guard lock(mutex_);
    if (heard == LocalSocket::Heard::kGone || stopping_) break;
  }
  return "";
}

// "ok", model, checksum and models, or "no" and a sentence, with tabs between.
bool EngineLink::understand(const std::string& line) {
  const std::vector<std::string> words = split(line, '\t');
  const std::lock_guard lock(mutex_);
  if (words.size() >= 3 && words[0] == "ok" && is_plain(words[1], kLongestModel) &&
      is_plain(words[2], kLongestChecksum)) {
    said_.connected = true;
    said_.model = words[1];
    said_.checksum = words[2];
    said_.models = words.size() > 3 ? split(words[3], ',') : std::vector<std::string>{};
    said_.refusal.clear();
    return true;
  }
  said_.refusal = words.size() == 2 && words[0] == "no" ? words[1] : "the engine is no engine";
  return false;
}

// Holds a connection until either side ends it, or something else than `wishes` is wanted.
void EngineLink::serve(LocalSocket& socket, Connection* connection, std::uint64_t wishes) {
  offer(connection);
  {
    const std::lock_guard lock(mutex_);
    tried_ = true;
  }
  changed_.notify_all();
  for (;;) {
    std::string line;
    const LocalSocket::Heard heard = socket.receive(line, static_cast<int>(kLook.count()));
    free_retired();
    const std::lock_guard lock(mutex_);
    if (heard == LocalSocket::Heard::kLine && line.rfind("say\t", 0) == 0) {
      said_.refusal = line.substr(4);
    }
    if (heard == LocalSocket::Heard::kGone || stopping_ || wishes != wishes_) break;
  }
  // The audio thread may hold it: it is marked, and freed once the next one took its place.
  connection->gone.store(true, std::memory_order_release);
}

void EngineLink::offer(Connection* connection) {
  free(slots_.offered.exchange(connection, std::memory_order_acq_rel));
  free_retired();
}

void EngineLink::free_retired() { free(slots_.retired.exchange(nullptr)); }

// Ends early when another engine appears; false if the link is to stop.
bool EngineLink::pause(milliseconds time, std::uint64_t stamp) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wishes = wishes_;
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stopping_ && wishes == wishes_ && std::chrono::steady_clock::now() < until) {
    changed_.wait_for(lock, std::min<milliseconds>(kLook, time));
    lock.unlock();
    free_retired();
    const bool another = engine_stamp(engine_address()) != stamp;
    lock.lock();
    if (another) break;
  }
  return !stopping_;
}

}  // namespace rtgen
