// docs/mobile.md says what has to be there before this is run, and what of it was tried.
plugins {
    id("com.android.library") version "8.7.3"
}

android {
    namespace = "vn.tannha.core"
    compileSdk = 35
    // Its compiler is the one that the WebAssembly build uses, and it aligns libraries to 16 KiB.
    ndkVersion = "28.0.13004108"

    defaultConfig {
        // java.util.Base64.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
        ndk {
            // 32-bit ARM is what the cheapest phones still have; x86-64 is the emulator.
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
        externalNativeBuild {
            cmake {
                targets("tannha_jni")
                arguments("-DANDROID_STL=c++_static")
            }
        }
    }

    externalNativeBuild {
        cmake {
            path = file("../../CMakeLists.txt")
            version = "3.31.6"
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
}
