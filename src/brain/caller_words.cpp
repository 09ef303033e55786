#include "brain/caller_words.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace lilux::brain {

namespace {

// A group on a line; a stem may be in several.
constexpr std::string_view kGroups[] = {
    "read open view show display print see cat content text say written load",
    "folder directori dir",
    "list ls show enumer content insid browse",
    "creat make add new mkdir generat build compos set establish",
    "write save put store overwrit record",
    "edit chang modifi updat replac substitut alter adjust",
    "move renam mv relocat transfer",
    "delet remov eras rm drop clear discard",
    "find search look locat seek lookup discov",
    "get fetch retriev obtain give show tell provid check return",
    "imag pictur photo media audio sound video",
    "size big larg length",
    "info inform detail metadata fact properti statist stat",
    "weather temperatur forecast rain snow sunni climat humid",
    "book reserv order schedul appoint",
    "buy purchas order shop",
    "price cost fare fee expens charg rate",
    "movi film cinema theater screen",
    "restaur dine eat food meal cuisin dinner lunch",
    "flight fli plane airlin airport",
    "hotel stay lodg accommod room motel",
    "taxi cab ride uber driver",
    "song music track play listen tune album",
    "email mail messag send text",
    "calcul comput determin evalu solv estim",
    "convert chang translat exchang transform",
    "rout direct navig drive way path travel",
    "doctor physician dentist provid therapist psychologist",
    "stock share equiti ticker",
    "currenc money dollar euro exchang",
    "tree structur recurs hierarchi",
    "run execut evalu launch start script",
    "click press tap push",
    "browser web page site websit url navig visit",
    "stop halt end quit termin cancel close",
    "start begin launch initi turn",
    "alarm remind timer alert notif wake",
    "event concert show game festiv exhibit",
    "job employ work career posit vacanc",
    "news headlin articl latest",
    "cloth wear shirt dress outfit",
    "hous home apart properti estat rent",
    "car vehicl auto rental",
    "train railway rail ticket",
    "bus coach ticket",
    "sum add total plus",
    "multipli product time",
    "area surfac",
    "translat languag",
    "user account member profil custom",
    "permiss access allow right",
    "compar differ versus",
    "count number mani",
    "send post submit deliv",
    "transfer send pay remit wire",
    "download fetch pull",
    "histori past previous",
    "light lamp bulb",
    "set turn switch adjust",
};
static_assert(std::size(kGroups) <= 64);

std::map<std::string_view, std::uint64_t> groups() {
  std::map<std::string_view, std::uint64_t> all;
  std::uint64_t bit = 1;
  for (std::string_view group : kGroups) {
    while (!group.empty()) {
      const std::string_view stem = group.substr(0, group.find(' '));
      all[stem] |= bit;
      group.remove_prefix(std::min(group.size(), stem.size() + 1));
    }
    bit <<= 1;
  }
  return all;
}

}  // namespace

std::uint64_t groups_of(std::string_view stem) {
  static const std::map<std::string_view, std::uint64_t> all = groups();
  const auto found = all.find(stem);
  return found == all.end() ? 0 : found->second;
}

}  // namespace lilux::brain
