#include "brain/extract_place.h"

#include <algorithm>
#include <ranges>

namespace lilux::brain {

namespace {

struct Region {
  std::string_view cities;  // between semicolons
  std::string_view name;
};

constexpr Region kRegions[] = {
    {";Birmingham;", "AL"},
    {";Anchorage;", "AK"},
    {";Phoenix;Tucson;Mesa;Scottsdale;Tempe;", "AZ"},
    {";Little Rock;", "AR"},
    {";Los Angeles;San Francisco;San Diego;San Jose;Sacramento;Oakland;Berkeley;Fresno;Long Beach;Santa Barbara;Palo "
     "Alto;Santa Clara;Santa Rosa;Pasadena;Anaheim;Irvine;Hayward;Fremont;Sunnyvale;Mountain View;Napa;San "
     "Rafael;Livermore;Walnut Creek;Pleasanton;Concord;Novato;Petaluma;Antioch;Vacaville;Larkspur;Mill Valley;Half "
     "Moon Bay;Danville;Lafayette;Gilroy;Morgan Hill;San Mateo;Burlingame;Santa "
     "Cruz;Monterey;Alameda;Emeryville;Redwood City;Cupertino;San Leandro;Sausalito;Hollywood;Beverly Hills;Santa "
     "Monica;Malibu;",
     "CA"},
    {";Denver;Boulder;Colorado Springs;Aspen;", "CO"},
    {";Hartford;New Haven;", "CT"},
    {";Washington;", "DC"},
    {";Miami;Orlando;Tampa;Jacksonville;Fort Lauderdale;", "FL"},
    {";Atlanta;Savannah;", "GA"},
    {";Honolulu;", "HI"},
    {";Des Moines;", "IA"},
    {";Boise;", "ID"},
    {";Chicago;", "IL"},
    {";Indianapolis;", "IN"},
    {";Wichita;", "KS"},
    {";Louisville;", "KY"},
    {";New Orleans;Baton Rouge;", "LA"},
    {";Boston;Cambridge;", "MA"},
    {";Baltimore;Annapolis;", "MD"},
    {";Detroit;Ann Arbor;", "MI"},
    {";Minneapolis;", "MN"},
    {";St. Louis;Kansas City;", "MO"},
    {";Charlotte;Raleigh;Durham;", "NC"},
    {";Omaha;", "NE"},
    {";Newark;Jersey City;Princeton;", "NJ"},
    {";Albuquerque;Santa Fe;", "NM"},
    {";Las Vegas;Reno;", "NV"},
    {";New York;New York City;Buffalo;Brooklyn;Manhattan;", "NY"},
    {";Columbus;Cleveland;Cincinnati;", "OH"},
    {";Tulsa;Oklahoma City;", "OK"},
    {";Portland;Eugene;", "OR"},
    {";Philadelphia;Pittsburgh;", "PA"},
    {";Providence;", "RI"},
    {";Charleston;", "SC"},
    {";Nashville;Memphis;", "TN"},
    {";Houston;Dallas;Austin;San Antonio;Fort Worth;El Paso;", "TX"},
    {";Salt Lake City;Provo;", "UT"},
    {";Richmond;Norfolk;", "VA"},
    {";Burlington;", "VT"},
    {";Seattle;Spokane;Bellevue;Redmond;Tacoma;", "WA"},
    {";Milwaukee;Madison;", "WI"},
    {";Paris;Lyon;Nice;Marseille;", "France"},
    {";London;Manchester;Liverpool;Edinburgh;Oxford;Birmingham;", "UK"},
    {";Berlin;Munich;Hamburg;Frankfurt;Cologne;", "Germany"},
    {";Madrid;Barcelona;Seville;Valencia;", "Spain"},
    {";Rome;Milan;Venice;Florence;Naples;", "Italy"},
    {";Tokyo;Osaka;Kyoto;Nagoya;", "Japan"},
    {";Beijing;Shanghai;Shenzhen;Guangzhou;Hangzhou;Chengdu;Wuhan;", "China"},
    {";Mumbai;Delhi;New Delhi;Bangalore;Bengaluru;Chennai;Kolkata;Hyderabad;Pune;", "India"},
    {";Sydney;Melbourne;Brisbane;Perth;", "Australia"},
    {";Toronto;Vancouver;Montreal;Ottawa;Calgary;", "Canada"},
    {";Amsterdam;Rotterdam;", "Netherlands"},
    {";Moscow;Saint Petersburg;", "Russia"},
    {";Seoul;Busan;", "South Korea"},
    {";Bangkok;Phuket;", "Thailand"},
    {";Hanoi;Ho Chi Minh City;", "Vietnam"},
    {";Jakarta;Bandung;Bali;", "Indonesia"},
    {";Kuala Lumpur;", "Malaysia"},
    {";Manila;", "Philippines"},
    {";Istanbul;Ankara;", "Turkey"},
    {";Cairo;", "Egypt"},
    {";Nairobi;", "Kenya"},
    {";Lagos;", "Nigeria"},
    {";Johannesburg;Cape Town;", "South Africa"},
    {";Sao Paulo;Rio de Janeiro;", "Brazil"},
    {";Buenos Aires;", "Argentina"},
    {";Mexico City;Cancun;", "Mexico"},
    {";Lisbon;Porto;", "Portugal"},
    {";Dublin;", "Ireland"},
    {";Vienna;Salzburg;", "Austria"},
    {";Zurich;Geneva;", "Switzerland"},
    {";Brussels;", "Belgium"},
    {";Stockholm;", "Sweden"},
    {";Oslo;", "Norway"},
    {";Copenhagen;", "Denmark"},
    {";Helsinki;", "Finland"},
    {";Warsaw;Krakow;", "Poland"},
    {";Prague;", "Czech Republic"},
    {";Athens;", "Greece"},
    {";Budapest;", "Hungary"},
    {";Dubai;Abu Dhabi;", "UAE"},
    {";Tel Aviv;Jerusalem;", "Israel"},
    {";Lima;", "Peru"},
    {";Santiago;", "Chile"},
    {";Bogota;", "Colombia"},
    {";Auckland;Wellington;", "New Zealand"},
};

}  // namespace

std::optional<std::string> place_in_full(std::string_view name) {
  const std::string wanted = ";" + std::string(name) + ";";
  const auto* found = std::ranges::find_if(
      kRegions, [&](const Region& region) { return region.cities.find(wanted) != std::string_view::npos; });
  if (name.size() < 3 || found == std::end(kRegions)) return std::nullopt;
  return std::string(name) + ", " + std::string(found->name);
}

}  // namespace lilux::brain
