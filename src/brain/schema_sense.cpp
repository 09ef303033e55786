#include "brain/schema_sense.h"

#include <algorithm>
#include <ranges>

namespace lilux::brain {

namespace {

struct Entry {
  std::string_view words;  // as stems, with a space on both sides
  Sense sense;
};

constexpr Entry kTable[] = {
    {" locat citi place countri state region counti address destin origin town area where venu airport district "
     "provinc continent zone zip neighborhood jurisdict loc pickup dropoff depart arriv ",
     Sense::place},
    {" person player author artist user actor director recipi contact compos writer poet athlet guest patient "
     "customer employe student presid therapist stylist ",
     Sense::person},
    {" titl name song album movi book film game event track playlist show team topic subject product item band "
     "museum hotel restaur park ",
     Sense::title},
    {" date day deadlin birthday dob when ", Sense::date},
    {" time hour clock datetim timestamp alarm ", Sense::time},
    {" durat minut second length_of_time timeout period interv timefram ttl delay ", Sense::duration},
    {" year ", Sense::year},
    {" number count num limit quantiti size page top max maximum total person peopl guest passeng ticket room seat "
     "age rank n k level round iter player ",
     Sense::count},
    {" price cost amount budget salari incom payment princip fare balanc invest deposit loan fee revenu ",
     Sense::money},
    {" height width length distanc radius weight mass speed veloc temperatur temp volum area pressur densiti angl "
     "rate percentag latitud longitud lat lon frequenc charg current voltag resist forc energi power acceler depth "
     "x y z ",
     Sense::measure},
    {" id identifi uuid token key code ssn isbn serial plate hash account password usernam ", Sense::id},
    {" email mail ", Sense::email},
    {" phone mobil telephon tel ", Sense::phone},
    {" url link uri websit endpoint href domain ", Sense::url},
    {" path file filenam folder directori filepath dir ", Sense::path},
    {" queri search keyword question prompt term text phrase ", Sense::query},
    {" messag bodi content comment note descript caption review feedback remind reason ", Sense::message},
    {" languag lang locale ", Sense::language},
    {" currenc ", Sense::currency},
    {" unit ", Sense::unit},
    {" mode format style option order sort statu method model version platform filter ", Sense::option},
    {" function express equat formula script command code sql selector program regex ", Sense::code},
    {" color colour ", Sense::color},
    {" food ingredi recip dish meal cuisin diet drink item ", Sense::food},
    {" compani organ brand stock ticker symbol manufactur store shop institut school univers ", Sense::company},
    {" type categori genr kind class group speci sport subject industri gender field ", Sense::category},
};

}  // namespace

Sense sense_of(std::span<const std::string> stems) {
  for (const std::string& stem : stems | std::views::reverse) {
    const std::string word = " " + stem + " ";
    const auto* found = std::ranges::find_if(
        kTable, [&](const Entry& entry) { return entry.words.find(word) != std::string_view::npos; });
    if (found != std::end(kTable)) return found->sense;
  }
  return Sense::none;
}

}  // namespace lilux::brain
