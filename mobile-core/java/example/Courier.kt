// A courier's phone in Kotlin: a PIN, enrolment, one dossier at the door, and what the server has of
// it. An app does the same from a coroutine on a dispatcher of one thread; here it is the only one.
//
//   Courier.kt STORE PIN LINK PHOTO      LINK is an enrolment link of the office

package vn.tannha.example

import java.io.File
import kotlin.system.exitProcess
import vn.tannha.core.Core
import vn.tannha.core.CoreException
import vn.tannha.core.HttpSync
import vn.tannha.core.api.*

/** Carries the conversation with the server until the core tells one of these events. */
inline fun <reified E : Event> Core.until(): E {
    while (true) {
        val waitMs = step()
        HttpSync.run(this)
        generateSequence { receive() }.forEach { event ->
            if (event is E) return event
            // Without a network it tries again by itself, and here nobody waits for that.
            if (event is SyncFailedEvent) error(event.error.vi)
        }
        Thread.sleep(minOf(waitMs, 100))
    }
}

/** A store that was locked, or is new. */
fun Core.enter(pin: String) {
    val status = call(StatusRequest())
    if (!status.made) call(SetPinRequest(null, pin)) else if (status.locked) call(UnlockRequest(pin))
}

fun Core.collect(procedure: String, cardText: String, photo: File): String {
    val dossier = call(OpenDossierRequest(null, procedure, ServiceKind.BOTH, null)).dossier
    val scanned = call(ScanCardRequest(dossier, cardText))
    scanned.warnings.forEach { println("look again: $it") }
    call(DossierRequest(dossier)).uncounted.forEach { line ->
        call(CheckDocumentRequest(dossier, DocumentCount(line.line, line.title, 1, 0, 0)))
    }
    val begin = BlobBegin(
        BlobUse.PHOTO, dossier, photo.length(), AttachmentRole.PAGE, 0L, null, null)
    photo.inputStream().use { addFile(begin, it) }
    call(SealRequest(dossier, "NP-1"))
    return dossier
}

fun main(arguments: Array<String>) {
    val (store, pin, link, photo) = arguments
    try {
        Core.open(OpenOptions(store, null)).use { core ->
            core.enter(pin)
            core.call(EnrolRequest(link))
            core.until<EnrolledEvent>()
            core.until<SyncedEvent>()
            val dossier = core.collect(
                "2.000635",
                "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài, Xã Gia Sinh|15042021",
                File(photo))
            core.call(SyncRequest())
            core.until<SyncedEvent>()
            val where = core.call(DossierRequest(dossier)).line.where
            println("here ${where.here}, received ${where.received}, accepted ${where.accepted}, " +
                "files here ${where.filesHere}")
        }
    } catch (failure: CoreException) {
        System.err.println(failure.info.vi)
        exitProcess(1)
    }
}
