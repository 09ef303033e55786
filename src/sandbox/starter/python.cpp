// Runs a script in an interpreter that was started before, for python.py, and ends it, as Python's own main does. The
// script has a thread state of its own, so that it finds no calls of ours beneath its own.

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <link.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

// What is used of Python, which this library lies in. It is not built against it.
extern "C" {
struct PyObject;
struct PyThreadState;
struct PyInterpreterState;
extern PyObject* PyExc_KeyboardInterrupt;
extern PyObject* PyExc_SystemExit;
extern PyObject _Py_NoneStruct;
extern PyObject PyLong_Type;
PyThreadState* PyThreadState_Swap(PyThreadState*);
PyThreadState* PyThreadState_New(PyInterpreterState*);
void PyThreadState_Delete(PyThreadState*);
PyInterpreterState* PyInterpreterState_Main();
PyObject* PyRun_StringFlags(const char*, int, PyObject*, PyObject*, void*);
PyObject* PyRun_FileExFlags(std::FILE*, const char*, int, PyObject*, PyObject*, int, void*);
PyObject* PyErr_Occurred();
int PyErr_ExceptionMatches(PyObject*);
void PyErr_Fetch(PyObject**, PyObject**, PyObject**);
void PyErr_Restore(PyObject*, PyObject*, PyObject*);
void PyErr_NormalizeException(PyObject**, PyObject**, PyObject**);
void PyErr_Print();
void PyErr_Clear();
void Py_DecRef(PyObject*);
PyObject* PyObject_CallObject(PyObject*, PyObject*);
PyObject* PyObject_GetAttrString(PyObject*, const char*);
int PyObject_IsInstance(PyObject*, PyObject*);
int PyObject_IsTrue(PyObject*);
int PyObject_Print(PyObject*, std::FILE*, int);
int PyFile_WriteObject(PyObject*, PyObject*, int);
long PyLong_AsLong(PyObject*);
PyObject* PyImport_AddModule(const char*);
PyObject* PyModule_GetDict(PyObject*);
void PyDict_Clear(PyObject*);
PyObject* PySys_GetObject(const char*);
void PySys_WriteStderr(const char*, ...);
int Py_FinalizeEx();
}

namespace {

constexpr int kFileInput = 257;  // Py_file_input
constexpr int kPrintRaw = 1;     // Py_PRINT_RAW
constexpr int kCannotFlush = 120;

constexpr long kGrownMaxKb = 64L << 10;

struct End {
  int status = 0;
  bool is_interrupted = false;
};
End reached;
bool is_ending = false;

// What is called of Python's at the end, as it was before there was a script.
struct Called {
  PyObject* is_bare = nullptr;
  PyObject* gettrace = nullptr;
  PyObject* getprofile = nullptr;
  PyObject* unfreeze = nullptr;
  PyObject* names = nullptr;  // of python.py
};
Called called;
int libraries_before = 0;
long largest_before = 0;

int libraries() {
  int count = 0;
  const auto add = [](dl_phdr_info*, std::size_t, void* to) { return ++*static_cast<int*>(to), 0; };
  ::dl_iterate_phdr(add, &count);
  return count;
}

long largest() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

// Called as Python calls it, so that no trace or profile hears of it.
bool gives_none(PyObject* function) {
  return PyObject_CallObject(function, nullptr) == &_Py_NoneStruct;
}

// Whether nobody could see what an interpreter does when it takes itself apart. Libraries in C have ends of their own,
// and what is large takes longer to look at than to take apart.
bool is_unseen() {
  if (libraries() != libraries_before || largest() - largest_before > kGrownMaxKb) return false;
  if (!gives_none(called.gettrace) || !gives_none(called.getprofile)) return false;
  PyObject* const said = PyObject_CallObject(called.is_bare, nullptr);
  return said != nullptr && PyObject_IsTrue(said) == 1;
}

// A state without frames for the only thread that there is. A thread has as its own the first that is made while it has
// none, and an interpreter can make none when it has none at all.
void begin_anew() {
  PyThreadState* const between = PyThreadState_New(PyInterpreterState_Main());
  PyThreadState_Delete(PyThreadState_Swap(nullptr));
  PyThreadState_Swap(PyThreadState_New(PyInterpreterState_Main()));
  PyThreadState_Delete(between);
}

int status_of(PyObject* said) {
  if (said == &_Py_NoneStruct) return 0;
  if (PyObject_IsInstance(said, &PyLong_Type) == 1) return static_cast<int>(PyLong_AsLong(said));
  PyObject* const errors = PySys_GetObject("stderr");
  if (errors != nullptr && errors != &_Py_NoneStruct) {
    PyFile_WriteObject(said, errors, kPrintRaw);
  } else {
    PyObject_Print(said, stderr, kPrintRaw);
    std::fflush(stderr);
  }
  PySys_WriteStderr("\n");
  return 1;
}

// Of what it was told to end with: None, a number, or anything else, which is said. Nothing of it is held any longer.
int status_asked() {
  std::array<PyObject*, 3> error{};
  PyErr_Fetch(&error[0], &error[1], &error[2]);
  PyErr_NormalizeException(&error[0], &error[1], &error[2]);
  PyObject* const code = PyObject_GetAttrString(error[1], "code");
  PyErr_Clear();
  const int status = status_of(code != nullptr ? code : error[1]);
  PyErr_Clear();
  if (code != nullptr) Py_DecRef(code);
  PyErr_Restore(error[0], error[1], error[2]);
  PyErr_Clear();
  return status;
}

End end_of_failure() {
  if (PyErr_ExceptionMatches(PyExc_SystemExit) != 0) return {.status = status_asked()};
  const bool is_interrupted = PyErr_Occurred() == PyExc_KeyboardInterrupt;
  PyErr_Print();
  return {.status = 1, .is_interrupted = is_interrupted};
}

void be_interrupted() {
  if (reached.is_interrupted) {
    std::signal(SIGINT, SIG_DFL);
    ::kill(::getpid(), SIGINT);
  }
}

}  // namespace

extern "C" {
// The script of a file that is open, or the code; does not come back.
[[gnu::visibility("default")]] void lilux_run(int file, const char* name, const char* code, PyObject* settle,
                                              PyObject* is_bare, PyObject* gettrace, PyObject* getprofile,
                                              PyObject* unfreeze, PyObject* names) {
  begin_anew();
  called = {.is_bare = is_bare, .gettrace = gettrace, .getprofile = getprofile, .unfreeze = unfreeze, .names = names};
  libraries_before = libraries();
  largest_before = largest();
  PyObject_CallObject(settle, nullptr);
  PyObject* const main = PyModule_GetDict(PyImport_AddModule("__main__"));  // its module's alone, which ends with it
  PyObject* const made = code != nullptr
                             ? PyRun_StringFlags(code, kFileInput, main, main, nullptr)
                             : PyRun_FileExFlags(::fdopen(file, "rb"), name, kFileInput, main, main, 1, nullptr);
  if (made == nullptr) reached = end_of_failure();
  is_ending = true;
  if (Py_FinalizeEx() < 0) reached.status = kCannotFlush;
  be_interrupted();
  std::exit(reached.status);
}

// The last that is called before an interpreter takes itself apart, which takes longer than most scripts do. Where that
// is seen, what was there before the script ends with it.
[[gnu::visibility("default")]] void lilux_leave() {
  if (!is_ending) return;
  if (is_unseen()) {
    be_interrupted();
    std::fflush(nullptr);
    ::_exit(reached.status);
  }
  PyErr_Clear();
  PyObject_CallObject(called.unfreeze, nullptr);
  PyDict_Clear(called.names);
}
}
