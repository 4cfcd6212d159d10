// Unix stream sockets; the other end's user is asked of the kernel.
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "local_socket.h"

namespace rtgen {

namespace {

bool ours(const std::string& folder) {
  struct stat found{};
  return lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == getuid() &&
         (found.st_mode & 0077) == 0;
}

std::string runtime_folder() {
  if (const char* named = std::getenv("RTGEN_RUNTIME"); named != nullptr && *named != '\0') {
    return named;
  }
  if (const char* session = std::getenv("XDG_RUNTIME_DIR");
      session != nullptr && *session != '\0') {
    return std::string(session) + "/rtgen";
  }
  return "/tmp/rtgen-" + std::to_string(getuid());
}

}  // namespace

std::string engine_address() {
  const std::string folder = runtime_folder();
  const std::string address = folder + "/engine.sock";
  return ours(folder) && address.size() < sizeof(sockaddr_un::sun_path) ? address : "";
}

std::uint64_t engine_stamp(const std::string& address) noexcept {
  struct stat found{};
  if (lstat(address.c_str(), &found) != 0) return 0;
  const auto changed = static_cast<std::uint64_t>(found.st_ctim.tv_sec) * 1000000000U +
                       static_cast<std::uint64_t>(found.st_ctim.tv_nsec);
  return found.st_ino * 0x9E3779B97F4A7C15U ^ changed;
}

LocalSocket::~LocalSocket() { close(); }

bool LocalSocket::connect(const std::string& address) noexcept {
  close();
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.empty() || address.size() >= sizeof(name.sun_path)) return false;
  std::memcpy(name.sun_path, address.c_str(), address.size() + 1);
  descriptor_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return false;
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0 ||
      getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != getuid()) {
    close();
    return false;
  }
  return true;
}

bool LocalSocket::send(const std::string& line, int descriptor) noexcept {
  iovec part{const_cast<char*>(line.data()), line.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  return sendmsg(descriptor_, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

LocalSocket::Heard LocalSocket::receive(std::string& line, int milliseconds) {
  if (descriptor_ < 0) return Heard::kGone;
  for (;;) {
    if (const auto end = held_.find('\n'); end != std::string::npos) {
      line = held_.substr(0, end);
      held_.erase(0, end + 1);
      return Heard::kLine;
    }
    if (held_.size() > kLongestLine) return Heard::kGone;
    pollfd asked{descriptor_, POLLIN, 0};
    const int ready = poll(&asked, 1, milliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return Heard::kNothing;
    char part[512];
    const ssize_t got = ready < 0 ? -1 : recv(descriptor_, part, sizeof(part), 0);
    if (got <= 0) return Heard::kGone;
    held_.append(part, static_cast<std::size_t>(got));
  }
}

void LocalSocket::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  held_.clear();
}

}  // namespace rtgen
