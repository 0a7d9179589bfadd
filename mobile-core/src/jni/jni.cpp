// The C ABI as native methods of vn.tannha.core.Native, which says what they take and give. Bytes
// are copied between Java and the core; nothing of either side is kept. Where an array cannot be
// had, Java's error is pending, and the method returns at once.

#include <jni.h>

#include <array>
#include <cstdint>
#include <limits>

#include "tannha/core/tannha.h"

namespace {

tn_core* core_of(jlong handle) {
  return reinterpret_cast<tn_core*>(static_cast<std::uintptr_t>(handle));
}

/// The bytes of a Java array, as long as this lives.
class ArrayBytes {
 public:
  ArrayBytes(JNIEnv* env, jbyteArray array)
      : env_(env), array_(array), bytes_(env->GetByteArrayElements(array, nullptr)) {
    if (bytes_ != nullptr) size_ = static_cast<std::size_t>(env->GetArrayLength(array));
  }
  ~ArrayBytes() {
    // Nothing was written: nothing is copied back.
    if (bytes_ != nullptr) env_->ReleaseByteArrayElements(array_, bytes_, JNI_ABORT);
  }
  ArrayBytes(const ArrayBytes&) = delete;
  ArrayBytes& operator=(const ArrayBytes&) = delete;

  [[nodiscard]] bool is_there() const { return bytes_ != nullptr; }
  [[nodiscard]] const std::uint8_t* data() const {
    return reinterpret_cast<const std::uint8_t*>(bytes_);
  }
  [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(bytes_); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  JNIEnv* env_;
  jbyteArray array_;
  jbyte* bytes_;
  std::size_t size_ = 0;
};

/// @return null: an error is pending
jbyteArray array_of(JNIEnv* env, tn_bytes bytes) {
  if (bytes.size > static_cast<std::size_t>(std::numeric_limits<jsize>::max())) {
    const jclass error = env->FindClass("java/lang/OutOfMemoryError");
    if (error != nullptr) env->ThrowNew(error, "larger than an array");
    return nullptr;
  }
  const auto size = static_cast<jsize>(bytes.size);
  const jbyteArray array = env->NewByteArray(size);
  if (array == nullptr || size == 0) return array;
  env->SetByteArrayRegion(array, 0, size, reinterpret_cast<const jbyte*>(bytes.data));
  return env->ExceptionCheck() ? nullptr : array;
}

/// Puts bytes into a place of an array of arrays; on failure an error is pending.
void put(JNIEnv* env, jobjectArray out, jsize at, tn_bytes bytes) {
  const jbyteArray array = array_of(env, bytes);
  if (array != nullptr) env->SetObjectArrayElement(out, at, array);
}

jint abi_version(JNIEnv*, jclass) { return static_cast<jint>(tn_abi_version()); }

jint open(JNIEnv* env, jclass, jbyteArray options, jlongArray handle) {
  const ArrayBytes text(env, options);
  if (!text.is_there()) return -1;
  tn_core* core = nullptr;
  const jint code = tn_open(text.text(), text.size(), &core);
  const auto number = static_cast<jlong>(reinterpret_cast<std::uintptr_t>(core));
  env->SetLongArrayRegion(handle, 0, 1, &number);
  // Java would not know what to close.
  if (env->ExceptionCheck()) tn_close(core);
  return code;
}

void close(JNIEnv*, jclass, jlong handle) { tn_close(core_of(handle)); }

jbyteArray last_error(JNIEnv* env, jclass, jlong handle) {
  tn_bytes error{};
  tn_last_error(core_of(handle), &error);
  return array_of(env, error);
}

jint call(JNIEnv* env, jclass, jlong handle, jbyteArray request, jobjectArray out) {
  const ArrayBytes text(env, request);
  if (!text.is_there()) return -1;
  tn_bytes answer{};
  const jint code = tn_call(core_of(handle), text.text(), text.size(), &answer);
  put(env, out, 0, answer);
  return code;
}

jint receive(JNIEnv* env, jclass, jlong handle, jobjectArray out) {
  tn_bytes event{};
  const jint code = tn_receive(core_of(handle), &event);
  put(env, out, 0, event);
  return code;
}

jint step(JNIEnv* env, jclass, jlong handle, jlongArray wait) {
  std::uint32_t wait_ms = 0;
  const jint code = tn_step(core_of(handle), &wait_ms);
  const jlong number = wait_ms;
  env->SetLongArrayRegion(wait, 0, 1, &number);
  return code;
}

jint sync_next(JNIEnv* env, jclass, jlong handle, jobjectArray out) {
  tn_bytes head{};
  tn_bytes body{};
  const jint code = tn_sync_next(core_of(handle), &head, &body);
  put(env, out, 0, head);
  if (!env->ExceptionCheck()) put(env, out, 1, body);
  return code;
}

jint sync_answer(JNIEnv* env, jclass, jlong handle, jbyteArray head, jbyteArray body) {
  const ArrayBytes text(env, head);
  if (!text.is_there()) return -1;
  const ArrayBytes bytes(env, body);
  if (!bytes.is_there()) return -1;
  return tn_sync_answer(core_of(handle), text.text(), text.size(), bytes.data(), bytes.size());
}

jint blob_begin(JNIEnv* env, jclass, jlong handle, jbyteArray begin, jlongArray number) {
  const ArrayBytes text(env, begin);
  if (!text.is_there()) return -1;
  std::uint32_t blob = 0;
  const jint code = tn_blob_begin(core_of(handle), text.text(), text.size(), &blob);
  const jlong wide = blob;
  env->SetLongArrayRegion(number, 0, 1, &wide);
  return code;
}

jint blob_write(JNIEnv* env, jclass, jlong handle, jlong blob, jbyteArray piece, jint size) {
  const ArrayBytes bytes(env, piece);
  if (!bytes.is_there()) return -1;
  return tn_blob_write(core_of(handle), static_cast<std::uint32_t>(blob), bytes.data(),
                       static_cast<std::size_t>(size));
}

jint blob_end(JNIEnv* env, jclass, jlong handle, jlong blob, jobjectArray out) {
  tn_bytes answer{};
  const jint code = tn_blob_end(core_of(handle), static_cast<std::uint32_t>(blob), &answer);
  put(env, out, 0, answer);
  return code;
}

jint blob_read(JNIEnv* env, jclass, jlong handle, jbyteArray hash, jlong offset, jint size_max,
               jobjectArray out) {
  const ArrayBytes text(env, hash);
  if (!text.is_there()) return -1;
  tn_bytes piece{};
  const jint code =
      tn_blob_read(core_of(handle), text.text(), text.size(), static_cast<std::uint64_t>(offset),
                   static_cast<std::size_t>(size_max), &piece);
  put(env, out, 0, piece);
  return code;
}

template <class F>
JNINativeMethod method(const char* name, const char* signature, F function) {
  // The JDK's header wants texts that it could write to; it does not write.
  return {const_cast<char*>(name), const_cast<char*>(signature),
          reinterpret_cast<void*>(function)};
}

}  // namespace

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* machine, void*) {
  constexpr jint version = JNI_VERSION_1_6;
  JNIEnv* env = nullptr;
  if (machine->GetEnv(reinterpret_cast<void**>(&env), version) != JNI_OK) return JNI_ERR;
  const jclass native = env->FindClass("vn/tannha/core/Native");
  if (native == nullptr) return JNI_ERR;
  const std::array methods{
      method("abiVersion", "()I", &abi_version),
      method("open", "([B[J)I", &open),
      method("close", "(J)V", &close),
      method("lastError", "(J)[B", &last_error),
      method("call", "(J[B[[B)I", &call),
      method("receive", "(J[[B)I", &receive),
      method("step", "(J[J)I", &step),
      method("syncNext", "(J[[B)I", &sync_next),
      method("syncAnswer", "(J[B[B)I", &sync_answer),
      method("blobBegin", "(J[B[J)I", &blob_begin),
      method("blobWrite", "(JJ[BI)I", &blob_write),
      method("blobEnd", "(JJ[[B)I", &blob_end),
      method("blobRead", "(J[BJI[[B)I", &blob_read),
  };
  const auto count = static_cast<jint>(methods.size());
  return env->RegisterNatives(native, methods.data(), count) == JNI_OK ? version : JNI_ERR;
}
