#include "brain/caller_choice_words.h"

#include <algorithm>

namespace lilux::brain {

namespace {

// What means the same on a line.
constexpr std::string_view kGroups[] = {
    "critical,urgent,emergency,asap,highest,top priority,blocker",
    "high,important,highest,high priority",
    "medium,normal,moderate,average,regular,standard,middle",
    "low,minor,lowest,unimportant,trivial",
    "living room,lounge,sitting room,family room",
    "bathroom,restroom,washroom,toilet",
    "bedroom,sleeping room",
    "on,enable,enabled,activate,activated,switch on,turn on,power on",
    "off,disable,disabled,deactivate,deactivated,switch off,turn off,power off,out",
    "open,opened,raise,up",
    "closed,close,shut,lower,down",
    "asc,ascending,increasing,lowest first,smallest first,oldest first,a to z",
    "desc,descending,decreasing,highest first,largest first,newest first,latest first,z to a",
    "small,little,tiny,compact",
    "large,big,huge,grande",
    "extra large,xl,x large",
    "slow,slowly,leisurely",
    "fast,quick,quickly,rapid,express",
    "celsius,centigrade,degrees c,metric,c",
    "fahrenheit,degrees f,imperial,f",
    "metric,celsius,kilometers,si",
    "imperial,fahrenheit,miles,us",
    "daily,every day,each day,per day,day",
    "weekly,every week,each week,per week,week",
    "monthly,every month,each month,per month,month",
    "yearly,annually,annual,every year,each year,per year,year",
    "hourly,every hour,each hour,per hour,hour",
    "driving,drive,car,by car",
    "walking,walk,on foot,foot",
    "bicycling,cycling,bike,bicycle,by bike,cycle",
    "transit,public transport,public transportation,bus,train,subway,metro",
    "male,man,men,boy,mens",
    "female,woman,women,girl,womens",
    "jpeg,jpg",
    "todo,to do,open,not started,pending",
    "in progress,started,ongoing,doing,wip",
    "done,completed,complete,finished,resolved",
    "economy,coach,cheapest class",
    "business,business class",
    "first,first class",
    "one way,single,oneway",
    "round trip,return,roundtrip,both ways",
    "beginner,novice,easy,basic,simple",
    "intermediate,medium",
    "advanced,expert,hard,difficult,pro",
    "private,personal,secret",
    "positive,good,happy",
    "negative,bad,sad",
    "cash,in cash",
    "credit card,card,creditcard,visa,mastercard",
    "email,e mail,mail,by mail",
    "sms,text,text message",
    "heat,heating,warm,warmer",
    "cool,cooling,cold,cooler",
    "lock,locked",
    "unlock,unlocked",
    "increase,raise,up,louder,brighter",
    "decrease,reduce,lower,down,quieter,dimmer",
    "buy,purchase",
};

std::string_view next_of(std::string_view& group) {
  const std::size_t end = group.find(',');
  const std::string_view one = group.substr(0, end);
  group = end == std::string_view::npos ? std::string_view() : group.substr(end + 1);
  return one;
}

}  // namespace

std::vector<std::string_view> others_for(std::string_view choice) {
  std::vector<std::string_view> others;
  for (const std::string_view group : kGroups) {
    std::vector<std::string_view> words;
    for (std::string_view rest = group; !rest.empty();) words.push_back(next_of(rest));
    if (std::ranges::find(words, choice) == words.end()) continue;
    for (const std::string_view word : words) {
      if (word != choice && std::ranges::find(others, word) == others.end()) others.push_back(word);
    }
  }
  return others;
}

}  // namespace lilux::brain
