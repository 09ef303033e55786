#include "brain/extract_place.h"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

struct Region {
  std::string_view cities;  // between semicolons
  std::string_view name;
};

constexpr Region kRegions[] = {
    {";Birmingham;", "AL"},
    {";Anchorage;", "AK"},
    {";Phoenix;Tucson;Mesa;Scottsdale;Tempe;Chandler;Gilbert;Glendale;Flagstaff;", "AZ"},
    {";Little Rock;", "AR"},
    {";Los Angeles;San Francisco;San Diego;San Jose;Sacramento;Oakland;Berkeley;Fresno;Long Beach;Santa Barbara;Palo "
     "Alto;Santa Clara;Santa Rosa;Pasadena;Anaheim;Irvine;Hayward;Fremont;Sunnyvale;Mountain View;Napa;San "
     "Rafael;Livermore;Walnut Creek;Pleasanton;Concord;Novato;Petaluma;Antioch;Vacaville;Larkspur;Mill Valley;Half "
     "Moon Bay;Danville;Lafayette;Gilroy;Morgan Hill;San Mateo;Burlingame;Santa "
     "Cruz;Monterey;Alameda;Emeryville;Redwood City;Cupertino;San Leandro;Sausalito;Hollywood;Beverly Hills;Santa "
     "Monica;Malibu;Bakersfield;Riverside;Stockton;Modesto;San Bernardino;Oxnard;Fontana;Santa "
     "Ana;Torrance;Burbank;Glendale;Davis;Vallejo;Fairfield;Richmond;San Ramon;Dublin;Milpitas;Campbell;Los "
     "Gatos;Saratoga;Menlo Park;Daly City;South San Francisco;San Bruno;Pacifica;Rohnert "
     "Park;Sebastopol;Healdsburg;Sonoma;Benicia;Martinez;Pittsburg;Brentwood;Union City;Newark;Castro Valley;Pinole;El "
     "Cerrito;Hercules;American Canyon;St. Helena;Calistoga;Yountville;Cotati;Angwin;Corte Madera;San "
     "Anselmo;Tiburon;Belvedere;",
     "CA"},
    {";Denver;Boulder;Colorado Springs;Aspen;Fort Collins;Aurora;Lakewood;", "CO"},
    {";Hartford;New Haven;", "CT"},
    {";Washington;", "DC"},
    {";Miami;Orlando;Tampa;Jacksonville;Fort Lauderdale;St. Petersburg;Tallahassee;Gainesville;Key "
     "West;Naples;Sarasota;",
     "FL"},
    {";Atlanta;Savannah;Augusta;Athens;", "GA"},
    {";Honolulu;", "HI"},
    {";Des Moines;", "IA"},
    {";Boise;", "ID"},
    {";Chicago;Springfield;Evanston;Naperville;", "IL"},
    {";Indianapolis;Bloomington;Fort Wayne;", "IN"},
    {";Wichita;", "KS"},
    {";Louisville;", "KY"},
    {";New Orleans;Baton Rouge;", "LA"},
    {";Boston;Cambridge;Worcester;Salem;", "MA"},
    {";Baltimore;Annapolis;", "MD"},
    {";Detroit;Ann Arbor;Grand Rapids;Lansing;Flint;", "MI"},
    {";Minneapolis;Saint Paul;St. Paul;Rochester;Duluth;", "MN"},
    {";St. Louis;Kansas City;", "MO"},
    {";Charlotte;Raleigh;Durham;Greensboro;Asheville;", "NC"},
    {";Omaha;Lincoln;", "NE"},
    {";Newark;Jersey City;Princeton;Trenton;Hoboken;Atlantic City;", "NJ"},
    {";Albuquerque;Santa Fe;", "NM"},
    {";Las Vegas;Reno;Henderson;", "NV"},
    {";New York;New York City;Buffalo;Brooklyn;Manhattan;Queens;Albany;Syracuse;Ithaca;Yonkers;", "NY"},
    {";Columbus;Cleveland;Cincinnati;Toledo;Akron;Dayton;", "OH"},
    {";Tulsa;Oklahoma City;", "OK"},
    {";Portland;Eugene;Salem;Bend;", "OR"},
    {";Philadelphia;Pittsburgh;Harrisburg;Scranton;Allentown;", "PA"},
    {";Providence;", "RI"},
    {";Charleston;", "SC"},
    {";Nashville;Memphis;Knoxville;Chattanooga;", "TN"},
    {";Houston;Dallas;Austin;San Antonio;Fort Worth;El Paso;Arlington;Plano;Lubbock;Corpus Christi;Waco;Irving;Frisco;",
     "TX"},
    {";Salt Lake City;Provo;", "UT"},
    {";Richmond;Norfolk;Virginia Beach;Alexandria;Charlottesville;", "VA"},
    {";Burlington;", "VT"},
    {";Seattle;Spokane;Bellevue;Redmond;Tacoma;Olympia;Everett;Kirkland;", "WA"},
    {";Milwaukee;Madison;Green Bay;", "WI"},
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

// Towns that are ordinary words, too, in order.
constexpr std::array<std::string_view, 20> kOrdinary{
    "aspen", "aurora",        "bend",      "boulder",       "buffalo",   "cologne",     "concord",
    "flint", "grand rapids",  "green bay", "half moon bay", "key west",  "little rock", "long beach",
    "mesa",  "mountain view", "nice",      "queens",        "riverside", "union city"};
static_assert(std::ranges::is_sorted(kOrdinary));

using Towns = std::map<std::string, std::string, std::less<>>;  // in small letters, and in full

Towns towns() {
  Towns all;
  for (const Region& region : kRegions) {
    for (const auto part : std::views::split(region.cities, ';')) {
      const std::string_view city(part);
      if (!city.empty()) all.try_emplace(lowered(city), std::string(city) + ", " + std::string(region.name));
    }
  }
  return all;
}

constexpr std::string_view kStates =
    ";alabama=AL;alaska=AK;arizona=AZ;arkansas=AR;california=CA;colorado=CO;connecticut=CT;delaware=DE;"
    "florida=FL;georgia=GA;hawaii=HI;idaho=ID;illinois=IL;indiana=IN;iowa=IA;kansas=KS;kentucky=KY;"
    "louisiana=LA;maine=ME;maryland=MD;massachusetts=MA;michigan=MI;minnesota=MN;mississippi=MS;missouri=MO;"
    "montana=MT;nebraska=NE;nevada=NV;new hampshire=NH;new jersey=NJ;new mexico=NM;new york=NY;"
    "north carolina=NC;north dakota=ND;ohio=OH;oklahoma=OK;oregon=OR;pennsylvania=PA;rhode island=RI;"
    "south carolina=SC;south dakota=SD;tennessee=TN;texas=TX;utah=UT;vermont=VT;virginia=VA;washington=WA;"
    "west virginia=WV;wisconsin=WI;wyoming=WY;district of columbia=DC;";

constexpr std::string_view kCurrencies =
    ";dollar=USD;us dollar=USD;american dollar=USD;united states dollar=USD;euro=EUR;pound=GBP;british pound=GBP;"
    "pound sterling=GBP;sterling=GBP;yen=JPY;japanese yen=JPY;yuan=CNY;chinese yuan=CNY;renminbi=CNY;rupee=INR;"
    "indian rupee=INR;won=KRW;korean won=KRW;south korean won=KRW;canadian dollar=CAD;australian dollar=AUD;"
    "new zealand dollar=NZD;singapore dollar=SGD;hong kong dollar=HKD;swiss franc=CHF;franc=CHF;swedish krona=SEK;"
    "norwegian krone=NOK;danish krone=DKK;mexican peso=MXN;peso=MXN;brazilian real=BRL;russian ruble=RUB;ruble=RUB;"
    "turkish lira=TRY;lira=TRY;polish zloty=PLN;zloty=PLN;thai baht=THB;baht=THB;indonesian rupiah=IDR;rupiah=IDR;"
    "malaysian ringgit=MYR;philippine peso=PHP;vietnamese dong=VND;south african rand=ZAR;rand=ZAR;bitcoin=BTC;";

}  // namespace

std::string_view currency_code(std::string_view name) {
  std::string wanted = lowered(name);
  if (wanted.size() > 4 && wanted.ends_with('s')) wanted.pop_back();
  const std::size_t at = kCurrencies.find(";" + wanted + "=");
  return at == std::string_view::npos ? std::string_view() : kCurrencies.substr(at + wanted.size() + 2, 3);
}

std::string_view currency_of(std::string_view name) {
  const std::string_view code = currency_code(name);
  if (!code.empty() || name.size() != 3) return code;
  std::string wanted = "=";
  for (const char c : name) wanted += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const std::size_t at = kCurrencies.find(wanted + ";");
  return at == std::string_view::npos ? std::string_view() : kCurrencies.substr(at + 1, 3);
}

std::string_view state_in_short(std::string_view name) {
  const std::string wanted = ";" + lowered(name) + "=";
  const std::size_t at = kStates.find(wanted);
  if (name.size() > 2 && at != std::string_view::npos) return kStates.substr(at + wanted.size(), 2);
  if (name.size() != 2 || lowered(name) == name) return {};
  const std::size_t code = kStates.find("=" + std::string(name) + ";");
  return code == std::string_view::npos ? std::string_view() : kStates.substr(code + 1, 2);
}

bool is_ordinary_word(std::string_view name) {
  return std::ranges::binary_search(kOrdinary, lowered(name));
}

std::optional<std::string> place_in_full(std::string_view name) {
  static const Towns kTowns = towns();
  const auto found = kTowns.find(lowered(name));
  return found == kTowns.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace lilux::brain
