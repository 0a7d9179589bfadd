# The Debian package: tools/package makes and checks it.
install(TARGETS tannhad tannha RUNTIME DESTINATION bin)
set(packaging ${PROJECT_SOURCE_DIR}/server/packaging)
install(FILES ${packaging}/tannhad.toml DESTINATION /etc/tannha)
install(FILES ${packaging}/tannhad.service DESTINATION lib/systemd/system)
install(FILES ${packaging}/tannha.sysusers DESTINATION lib/sysusers.d RENAME tannha.conf)
install(FILES ${packaging}/tannha.tmpfiles DESTINATION lib/tmpfiles.d RENAME tannha.conf)
install(FILES LICENSE DESTINATION share/doc/tannha RENAME copyright)
install(FILES CHANGELOG.md README.md ${packaging}/grafana-dashboard.json
  ${packaging}/prometheus-rules.yml DESTINATION share/doc/tannha)
install(DIRECTORY docs/ DESTINATION share/doc/tannha)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tannha)
set(CPACK_PACKAGE_CONTACT "Tận Nhà <root@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# They make the account and its folder, also where systemd does not run.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${packaging}/debian/postinst;${packaging}/debian/prerm;${packaging}/debian/postrm;${packaging}/debian/conffiles")
include(CPack)
