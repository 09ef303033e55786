// Runs a script in an interpreter that was started before, for python.py, and ends it, as Python's own main does. The
// script has a thread state of its own, so that it finds no calls of ours beneath its own.

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

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
void PyErr_NormalizeException(PyObject**, PyObject**, PyObject**);
void PyErr_Print();
void PyErr_Clear();
PyObject* PyObject_CallObject(PyObject*, PyObject*);
PyObject* PyObject_GetAttrString(PyObject*, const char*);
int PyObject_IsInstance(PyObject*, PyObject*);
int PyObject_IsTrue(PyObject*);
int PyObject_Print(PyObject*, std::FILE*, int);
int PyFile_WriteObject(PyObject*, PyObject*, int);
long PyLong_AsLong(PyObject*);
PyObject* PyImport_AddModule(const char*);
PyObject* PyModule_GetDict(PyObject*);
PyObject* PySys_GetObject(const char*);
void PySys_WriteStderr(const char*, ...);
int Py_FinalizeEx();
}

namespace {

constexpr int kFileInput = 257;  // Py_file_input
constexpr int kPrintRaw = 1;     // Py_PRINT_RAW
constexpr int kCannotFlush = 120;

struct End {
  int status = 0;
  bool is_interrupted = false;
};
End reached;
PyObject* is_bare = nullptr;
PyObject* let_go = nullptr;

// A state without frames for the only thread that there is. A thread has as its own the first that is made while it has
// none, and an interpreter can make none when it has none at all.
void begin_anew() {
  PyThreadState* const between = PyThreadState_New(PyInterpreterState_Main());
  PyThreadState_Delete(PyThreadState_Swap(nullptr));
  PyThreadState_Swap(PyThreadState_New(PyInterpreterState_Main()));
  PyThreadState_Delete(between);
}

// Of what it was told to end with: None, a number, or anything else, which is said.
int status_asked() {
  std::array<PyObject*, 3> error{};
  PyErr_Fetch(&error[0], &error[1], &error[2]);
  PyErr_NormalizeException(&error[0], &error[1], &error[2]);
  PyObject* said = PyObject_GetAttrString(error[1], "code");
  if (said == nullptr) said = error[1];
  PyErr_Clear();
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
                                              PyObject* bare, PyObject* go) {
  begin_anew();
  is_bare = bare;
  let_go = go;
  PyObject_CallObject(settle, nullptr);
  PyObject* const main = PyModule_GetDict(PyImport_AddModule("__main__"));  // its module's alone, which ends with it
  PyObject* const made = code != nullptr
                             ? PyRun_StringFlags(code, kFileInput, main, main, nullptr)
                             : PyRun_FileExFlags(::fdopen(file, "rb"), name, kFileInput, main, main, 1, nullptr);
  if (made == nullptr) reached = end_of_failure();
  if (Py_FinalizeEx() < 0) reached.status = kCannotFlush;
  be_interrupted();
  std::exit(reached.status);
}

// The last that is called before an interpreter takes itself apart, which takes longer than most scripts do: it is left
// out where nobody could see it.
[[gnu::visibility("default")]] void lilux_leave() {
  PyObject* const said = PyObject_CallObject(is_bare, nullptr);
  if (said != nullptr && PyObject_IsTrue(said) == 1) {
    be_interrupted();
    std::fflush(nullptr);
    ::_exit(reached.status);
  }
  PyErr_Clear();
  PyObject_CallObject(let_go, nullptr);
}
}
